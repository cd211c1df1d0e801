import { useTranslation } from "react-i18next";
import { CityMap } from "../city/CityMap";
import type { Bounds } from "../city/model";
import { localClock } from "../kernel/clock";
import type { Journey } from "../kernel/wire";
import { useMapCameras } from "../video/health";
import type { NextCamera, Pursuit, Sighting } from "./wire";

/** Where and when it was seen, oldest first. */
export function Trail({ trail }: { trail: Sighting[] }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="pursuit-trail" aria-label={t("incidents.trail")}>
      <h2>{t("incidents.trail")}</h2>
      <ol>
        {trail.map((one) => (
          <li key={one.step} data-camera={one.camera}>
            <time className="figures ltr" dateTime={one.at}>{localClock(one.at)}</time> <span dir="auto">{one.name}</span>
            {one.at_least_kmh !== null && (
              <span className={one.plausible ? "faint" : "tag bad"} title={t("incidents.kmh_hint")}>{t("incidents.kmh", { count: Math.round(one.at_least_kmh) })}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** All sightings and the places that may come next. */
function around(trail: Sighting[], next: NextCamera[]): Bounds | null {
  const places = [...trail, ...next].flatMap(({ place }) => place ?? []);
  if (places.length === 0) return null;
  const lons = places.map(({ lon }) => lon);
  const lats = places.map(({ lat }) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

interface MapProps {
  pursuit: Pursuit;
  /** The cameras that are offered. */
  next: NextCamera[];
  onCamera?: (camera: string) => void;
}

/** The trail, and the ways that it may go on. */
export function PursuitMap({ pursuit, next, onCamera }: MapProps): React.JSX.Element {
  const every = useMapCameras();
  const { trail } = pursuit;
  const concerned = new Set([...next, ...trail].map(({ camera }) => camera));
  const places = trail.flatMap(({ place, camera, name }) => (place ? [{ place, camera, name }] : []));
  const journey: Journey = {
    type: "FeatureCollection",
    features: [
      ...places.map(({ place, camera, name }) => ({
        type: "Feature" as const, properties: { camera, camera_name: name }, geometry: { type: "Point" as const, coordinates: [place.lon, place.lat] },
      })),
      ...(places.length > 1 ? [{
        type: "Feature" as const, properties: {}, geometry: { type: "LineString" as const, coordinates: places.map(({ place }) => [place.lon, place.lat]) },
      }] : []),
    ],
  };
  const ways = {
    type: "FeatureCollection" as const,
    features: next.flatMap((one) => [
      { type: "Feature" as const, properties: { state: one.state }, geometry: { type: "LineString" as const, coordinates: one.way } },
      { type: "Feature" as const, properties: { state: one.state }, geometry: { type: "Point" as const, coordinates: [one.place.lon, one.place.lat] } },
    ]),
  };
  return (
    <div className="pursuit-map" data-sightings={places.length}>
      <CityMap cameras={every.filter(({ code }) => concerned.has(code))} journey={journey} ways={ways} fit={around(trail, next)} {...(onCamera ? { onCamera } : {})} legend={<span />} />
    </div>
  );
}
