import type { FeatureCollection } from "geojson";
import type { Basemap, Journey } from "../kernel/wire";
import type { Bounds, MapCamera, Standing } from "./model";

/** Those in trouble are drawn over those that are well. */
const ORDER: Record<Standing, number> = { up: 0, off: 1, unknown: 2, warn: 3, down: 4 };

export function cameraFeatures(cameras: MapCamera[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: cameras.map(({ lon, lat, ...rest }) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [lon, lat] },
      properties: { ...rest, order: ORDER[rest.standing] },
    })),
  };
}

export function areaFeatures(area: Bounds | null): FeatureCollection {
  if (!area) return { type: "FeatureCollection", features: [] };
  const [west, south, east, north] = area;
  const ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
  return {
    type: "FeatureCollection",
    features: [{ type: "Feature", geometry: { type: "Polygon", coordinates: [ring] }, properties: {} }],
  };
}

/** Signs over and under Arabic letters, which the map would set beside them. */
const VOWEL_SIGNS = /[\u064B-\u0652\u0670]/g;

export function withoutVowelSigns(basemap: Basemap): Basemap {
  return {
    ...basemap,
    features: basemap.features.map((feature) => feature.properties.name_ur === undefined ? feature : {
      ...feature, properties: { ...feature.properties, name_ur: feature.properties.name_ur.replace(VOWEL_SIGNS, "") },
    }),
  };
}

/** The rectangle around all sightings; null where there is none. */
export function boundsOf(journey: Journey): Bounds | null {
  const points = journey.features.flatMap(({ geometry }) => (geometry.type === "Point" ? [geometry.coordinates] : []));
  const lons = points.map(([lon = 0]) => lon);
  const lats = points.map(([, lat = 0]) => lat);
  if (points.length === 0) return null;
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
