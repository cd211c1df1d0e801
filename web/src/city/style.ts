import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Palette } from "./palette";

const EMPTY = { type: "FeatureCollection" as const, features: [] };
export const SOURCES = ["basemap", "sites", "cameras", "journey", "ways", "area"] as const;
export type SourceName = (typeof SOURCES)[number];

const layerIs = (name: string): ExpressionSpecification => ["==", ["get", "layer"], name];
const classIs = (name: string): ExpressionSpecification => ["all", layerIs("road"), ["==", ["get", "class"], name]];

const named = (language: "en" | "ur"): ExpressionSpecification =>
  language === "ur" ? ["coalesce", ["get", "name_ur"], ["get", "name"]] : ["get", "name"];

function ground(colours: Palette): LayerSpecification[] {
  return [
    { id: "ground", type: "background", paint: { "background-color": colours.land } },
    { id: "district", type: "line", source: "basemap", filter: layerIs("district"),
      paint: { "line-color": colours["line-strong"], "line-dasharray": [2, 3], "line-opacity": 0.7 } },
    { id: "park", type: "fill", source: "basemap", filter: layerIs("park"), paint: { "fill-color": colours.park } },
    { id: "sea", type: "fill", source: "basemap", filter: layerIs("sea"), paint: { "fill-color": colours.sea } },
    { id: "land", type: "fill", source: "basemap", filter: layerIs("land"), paint: { "fill-color": colours.land } },
    { id: "runway", type: "fill", source: "basemap", filter: layerIs("runway"),
      paint: { "fill-color": colours["road-strong"], "fill-opacity": 0.8 } },
  ];
}

function road(kind: string, colour: string, width: [number, number]): LayerSpecification {
  return {
    id: `road-${kind}`, type: "line", source: "basemap", filter: classIs(kind),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": colour,
      "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, width[0], 16, width[1]],
    },
  };
}

function roads(colours: Palette): LayerSpecification[] {
  return [
    road("secondary", colours.road, [0.8, 7]),
    road("primary", colours.road, [1.5, 11]),
    road("motorway", colours["road-strong"], [2, 14]),
  ];
}

function labels(colours: Palette, language: "en" | "ur"): LayerSpecification[] {
  const name = named(language);
  const halo = { "text-halo-color": colours.land, "text-halo-width": 1.4 };
  return [
    { id: "road-name", type: "symbol", source: "basemap", filter: layerIs("road"), minzoom: 13.5,
      layout: { "text-field": name, "text-font": ["Inter Variable"], "text-size": 11,
        "symbol-placement": "line", "symbol-spacing": 420 },
      paint: { "text-color": colours.faint, ...halo } },
    { id: "label-far", type: "symbol", source: "basemap",
      filter: ["all", layerIs("label"), ["<=", ["get", "rank"], 2]],
      layout: { "text-field": name, "text-font": ["Inter Variable"], "text-max-width": 8,
        "text-size": ["interpolate", ["linear"], ["get", "rank"], 1, 14, 2, 11.5] },
      paint: { "text-color": colours.muted, ...halo } },
    { id: "label-near", type: "symbol", source: "basemap", minzoom: 12,
      filter: ["all", layerIs("label"), [">", ["get", "rank"], 2]],
      layout: { "text-field": name, "text-font": ["Inter Variable"], "text-size": 11, "text-max-width": 8 },
      paint: { "text-color": colours.faint, ...halo } },
  ];
}

function marks(colours: Palette, language: "en" | "ur"): LayerSpecification[] {
  const site = named(language);
  return [
    { id: "area-fill", type: "fill", source: "area", paint: { "fill-color": colours.accent, "fill-opacity": 0.1 } },
    { id: "area-line", type: "line", source: "area", paint: { "line-color": colours.accent, "line-width": 1.5 } },
    { id: "way", type: "line", source: "ways", filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.accent, "line-width": 2.5, "line-opacity": 0.45 } },
    { id: "way-ring", type: "circle", source: "ways", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 13, "circle-color": "rgba(0,0,0,0)", "circle-stroke-width": 2.5,
        "circle-stroke-color": ["match", ["get", "state"], "due", colours.high, "early", colours.accent, colours.faint] } },
    { id: "path", type: "line", source: "journey", filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.path, "line-width": 2.5, "line-opacity": 0.9 } },
    { id: "path-arrow", type: "symbol", source: "journey", filter: ["==", ["geometry-type"], "LineString"],
      layout: { "symbol-placement": "line", "symbol-spacing": 70, "icon-image": "arrow", "icon-allow-overlap": true } },
    { id: "site-ring", type: "circle", source: "sites", maxzoom: 13,
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 5, 13, 13], "circle-color": "rgba(0,0,0,0)",
        "circle-stroke-color": colours["line-strong"], "circle-stroke-width": 1 } },
    { id: "wedge", type: "symbol", source: "cameras", minzoom: 12.5, filter: ["!=", ["get", "bearing_deg"], null],
      layout: { "icon-image": "wedge", "icon-rotate": ["get", "bearing_deg"], "icon-rotation-alignment": "map",
        "icon-allow-overlap": true, "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 12.5, 0.5, 16, 1.2] } },
    { id: "camera", type: "symbol", source: "cameras",
      layout: { "icon-image": ["concat", "camera-", ["get", "standing"]], "icon-allow-overlap": true,
        "icon-ignore-placement": true, "symbol-sort-key": ["get", "order"],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.6, 14, 1] } },
    { id: "sighting", type: "circle", source: "journey", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 5, "circle-color": colours.path, "circle-stroke-color": colours["mark-line"], "circle-stroke-width": 1.5 } },
    { id: "site-name", type: "symbol", source: "sites", minzoom: 12.2,
      layout: { "text-field": site, "text-font": ["Inter Variable"], "text-size": 11.5, "text-offset": [0, 1.3],
        "text-anchor": "top", "text-max-width": 9 },
      paint: { "text-color": colours.text, "text-halo-color": colours.land, "text-halo-width": 1.6 } },
    { id: "camera-code", type: "symbol", source: "cameras", minzoom: 14.5,
      layout: { "text-field": ["get", "code"], "text-font": ["JetBrains Mono Variable"], "text-size": 10.5,
        "text-offset": [0, -1.3], "text-anchor": "bottom" },
      paint: { "text-color": colours.muted, "text-halo-color": colours.land, "text-halo-width": 1.4 } },
  ];
}

/** The whole map from our own data: no tile, glyph or sprite address in it. Sources are filled later. */
export function mapStyle(colours: Palette, language: "en" | "ur"): StyleSpecification {
  return {
    version: 8,
    sources: Object.fromEntries(SOURCES.map((name) => [name, { type: "geojson", data: EMPTY }])),
    layers: [...ground(colours), ...roads(colours), ...labels(colours, language), ...marks(colours, language)],
  };
}
