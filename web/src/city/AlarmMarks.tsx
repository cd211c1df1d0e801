import type { Map as GlMap } from "maplibre-gl";
import { Marker } from "maplibre-gl";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import type { MapAlarm } from "./model";

/** More marks than a person can look at would only slow the map. */
const MOST_MARKS = 60;

interface AlarmMarksProps {
  map: GlMap;
  alarms: MapAlarm[];
  onAlarm?: ((id: string) => void) | undefined;
}

export function AlarmMarks({ map, alarms, onAlarm }: AlarmMarksProps): React.JSX.Element {
  return (
    <>
      {alarms.slice(0, MOST_MARKS).map((alarm) => (
        <AlarmMark key={alarm.id} map={map} alarm={alarm} onAlarm={onAlarm} />
      ))}
    </>
  );
}

/** The chosen alarm lies over the others. */
function raise(holder: HTMLElement, chosen: boolean): void {
  holder.style.zIndex = chosen ? "3" : "2";
}

function AlarmMark({ map, alarm, onAlarm }: { map: GlMap; alarm: MapAlarm; onAlarm?: ((id: string) => void) | undefined }): React.JSX.Element {
  const [holder] = useState(() => document.createElement("div"));
  const { lon, lat, chosen } = alarm;
  useEffect(() => {
    const marker = new Marker({ element: holder }).setLngLat([lon, lat]).addTo(map);
    return () => {
      marker.remove();
    };
  }, [map, holder, lon, lat]);
  useEffect(() => raise(holder, chosen), [holder, chosen]);
  const name = `alarm-mark ${alarm.severity}${alarm.fresh ? " fresh" : ""}${chosen ? " chosen" : ""}`;
  return createPortal(
    <button type="button" className={name} aria-label={alarm.label} title={alarm.label} tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation();
        onAlarm?.(alarm.id);
      }}>
      <span className="pulse" aria-hidden="true" />
      <span className="core" aria-hidden="true" />
    </button>,
    holder,
  );
}
