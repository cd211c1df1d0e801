import type { Map as GlMap, MapMouseEvent } from "maplibre-gl";
import { useEffect } from "react";
import { normalBounds, type Bounds } from "./model";

/** While mounted, dragging on the map draws a rectangle instead of moving the map. */
export function AreaDrawing({ map, onArea }: { map: GlMap; onArea: (bounds: Bounds) => void }): null {
  useEffect(() => {
    let start: { lng: number; lat: number } | undefined;
    const down = (event: MapMouseEvent) => {
      event.preventDefault();
      start = event.lngLat;
    };
    const move = (event: MapMouseEvent) => {
      if (start) onArea(normalBounds(start, event.lngLat));
    };
    const up = () => {
      start = undefined;
    };
    map.dragPan.disable();
    const listening = [map.on("mousedown", down), map.on("mousemove", move), map.on("mouseup", up)];
    return () => {
      map.dragPan.enable();
      listening.forEach((each) => each.unsubscribe());
    };
  }, [map, onArea]);
  return null;
}
