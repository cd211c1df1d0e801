import { Map as GlMap, setWorkerUrl, type GeoJSONSource } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { FeatureCollection } from "geojson";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../kernel/preferences";
import { Icon } from "../kernel/icons";
import type { Journey } from "../kernel/wire";
import { AlarmMarks } from "./AlarmMarks";
import { AreaDrawing } from "./AreaDrawing";
import "./city.css";
import { areaFeatures, boundsOf, cameraFeatures, withoutVowelSigns } from "./features";
import { Legend } from "./Legend";
import { mark, MARK_RATIO, MARKS } from "./marks";
import { HOME, type Bounds, type Focus, type MapAlarm, type MapCamera } from "./model";
import { palette } from "./palette";
import { useBasemap, useSites } from "./places";
import { mapStyle, type SourceName } from "./style";

setWorkerUrl(workerUrl);

interface CityMapProps {
  cameras: MapCamera[];
  alarms?: MapAlarm[];
  journey?: Journey | undefined;
  /** Ways that may be taken, and a ring round each place where they end; by the window's state. */
  ways?: FeatureCollection | undefined;
  focus?: Focus | undefined;
  /** Shown whole; a new value moves the map. */
  fit?: Bounds | null;
  area?: Bounds | null;
  drawing?: boolean;
  onArea?: (bounds: Bounds) => void;
  onAlarm?: (id: string) => void;
  onCamera?: (code: string) => void;
  /** In place of the usual one. */
  legend?: React.ReactNode;
}

const NO_JOURNEY: Journey = { type: "FeatureCollection", features: [] };
const calm = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function drawsMaps(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

function open(container: HTMLElement, language: "en" | "ur"): GlMap {
  const map = new GlMap({
    container, style: mapStyle(palette(), language), bounds: HOME, attributionControl: false, dragRotate: false,
    pitchWithRotate: false, touchPitch: false, maxZoom: 18, minZoom: 8, fadeDuration: 0,
    maxBounds: [66.2, 24.3, 67.9, 25.5],
  });
  map.touchZoomRotate.disableRotation();
  map.setMissingStyleImageResolver((id) => {
    const image = mark(id, palette());
    if (image && !map.hasImage(id)) map.addImage(id, image, { pixelRatio: MARK_RATIO });
  });
  return map;
}

/** The map moves only to show what it does not show already. */
function contains(map: GlMap, [west, south, east, north]: Bounds): boolean {
  const shown = map.getBounds();
  return shown.contains([west, south]) && shown.contains([east, north]);
}

/** The map with everything that stands in the city. Draws from our own data only. */
export function CityMap(props: CityMapProps): React.JSX.Element {
  const { t } = useTranslation();
  const { theme, language } = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap | null>(null);
  const [able] = useState(drawsMaps);
  const plain = useBasemap().data;
  const basemap = useMemo(() => plain && withoutVowelSigns(plain), [plain]);
  const sites = useSites().data;
  const { onCamera, focus } = props;
  const choose = useRef(onCamera);
  useEffect(() => {
    choose.current = onCamera;
  });

  useEffect(() => {
    if (!box.current || !able) return;
    const opened = open(box.current, language);
    opened.on("load", () => setMap(opened));
    opened.on("click", "camera", ({ features }) => {
      const code: unknown = features?.[0]?.properties["code"];
      if (typeof code === "string") choose.current?.(code);
    });
    opened.on("mouseenter", "camera", () => opened.getCanvas().classList.add("pointing"));
    opened.on("mouseleave", "camera", () => opened.getCanvas().classList.remove("pointing"));
    return () => {
      setMap(null);
      opened.remove();
    };
    // The language of the first style is enough: the effect below follows every change.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [able]);

  useEffect(() => {
    if (!map) return;
    const colours = palette();
    map.setStyle(mapStyle(colours, language));
    MARKS.forEach((name) => {
      const image = mark(name, colours);
      if (image && map.hasImage(name)) map.updateImage(name, image);
    });
  }, [map, theme, language]);

  useSource(map, "basemap", basemap);
  useSource(map, "sites", sites);
  useSource(map, "cameras", cameraFeatures(props.cameras));
  useSource(map, "journey", props.journey ?? NO_JOURNEY);
  useSource(map, "ways", props.ways ?? NO_JOURNEY);
  useSource(map, "area", areaFeatures(props.area ?? null));

  const whole = props.journey && JSON.stringify(boundsOf(props.journey));
  useEffect(() => {
    if (!map || !whole) return;
    const bounds = JSON.parse(whole) as Bounds | null;
    if (!bounds || contains(map, bounds)) return;
    map.fitBounds(bounds, { padding: 70, maxZoom: 13.5, duration: calm() ? 0 : 700 });
  }, [map, whole]);

  const fit = props.fit && JSON.stringify(props.fit);
  useEffect(() => {
    if (map && fit) map.fitBounds(JSON.parse(fit) as Bounds, { padding: 46, maxZoom: 15, duration: calm() ? 0 : 500 });
  }, [map, fit]);

  useEffect(() => {
    if (!map || !focus) return;
    map.easeTo({ center: [focus.lon, focus.lat], zoom: Math.max(focus.zoom, map.getZoom()), duration: calm() ? 0 : 700 });
  }, [map, focus]);

  return (
    <section className={props.drawing ? "city-map drawing" : "city-map"} aria-label={t("city.map")}>
      <div ref={box} className="city-map-canvas" />
      {!able && <p className="city-map-failed">{t("city.no_map")}</p>}
      {map && <AlarmMarks map={map} alarms={props.alarms ?? []} onAlarm={props.onAlarm} />}
      {map && props.drawing && props.onArea && <AreaDrawing map={map} onArea={props.onArea} />}
      <div className="city-map-tools">
        <button type="button" className="button icon" aria-label={t("city.zoom_in")} onClick={() => map?.zoomIn()}><Icon name="plus" /></button>
        <button type="button" className="button icon" aria-label={t("city.zoom_out")} onClick={() => map?.zoomOut()}><span aria-hidden="true">−</span></button>
        <button type="button" className="button icon" aria-label={t("city.whole")} title={t("city.whole")}
          onClick={() => map?.fitBounds(HOME, { duration: calm() ? 0 : 500 })}>
          <Icon name="whole" />
        </button>
      </div>
      {props.legend ?? <Legend />}
    </section>
  );
}

/** Keeps a source filled, once a frame at most, and again after the style was laid anew. */
function useSource(map: GlMap | null, name: SourceName, data: FeatureCollection | undefined): void {
  const version = data === undefined ? "none" : name === "basemap" ? "whole" : JSON.stringify(data);
  const latest = useRef(data);
  useEffect(() => {
    latest.current = data;
  });
  useEffect(() => {
    if (!map) return;
    const fill = () => {
      const source = map.getSource<GeoJSONSource>(name);
      if (source && latest.current) void source.setData(latest.current);
    };
    const frame = requestAnimationFrame(fill);
    const listening = map.on("style.load", fill);
    return () => {
      cancelAnimationFrame(frame);
      listening.unsubscribe();
    };
  }, [map, name, version]);
}
