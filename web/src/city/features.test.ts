import { describe, expect, it } from "vitest";
import { areaFeatures, boundsOf, cameraFeatures, withoutVowelSigns } from "./features";
import { normalBounds } from "./model";

describe("what the map draws", () => {
  it("takes a rectangle drawn in any direction", () => {
    expect(normalBounds({ lng: 67.1, lat: 24.8 }, { lng: 67, lat: 24.9 })).toEqual([67, 24.8, 67.1, 24.9]);
  });

  it("closes the ring of an area and draws none without one", () => {
    const [feature] = areaFeatures([67, 24.8, 67.1, 24.9]).features;
    const ring = feature?.geometry.type === "Polygon" ? (feature.geometry.coordinates[0] ?? []) : [];
    expect(ring).toHaveLength(5);
    expect(ring[0]).toEqual(ring[4]);
    expect(areaFeatures(null).features).toEqual([]);
  });

  it("draws cameras in trouble over those that are well", () => {
    const camera = { code: "A", name: "", site: "", lon: 67, lat: 24.8, bearing_deg: null };
    const [up, down] = cameraFeatures([{ ...camera, standing: "up" }, { ...camera, standing: "down" }]).features;
    expect(Number(down?.properties?.["order"])).toBeGreaterThan(Number(up?.properties?.["order"]));
  });

  it("writes Urdu names without vowel signs", () => {
    const label = { type: "Feature" as const, geometry: { type: "Point" as const, coordinates: [67, 24.9] }, properties: { layer: "label" as const, name_ur: "گلشنِ اقبال" } };
    expect(withoutVowelSigns({ type: "FeatureCollection", features: [label] }).features[0]?.properties.name_ur).toBe("گلشن اقبال");
  });

  it("finds the rectangle around sightings", () => {
    const point = (lon: number, lat: number) => ({ type: "Feature" as const, geometry: { type: "Point" as const, coordinates: [lon, lat] }, properties: {} });
    expect(boundsOf({ type: "FeatureCollection", features: [point(67.1, 24.8), point(67, 24.9)] })).toEqual([67, 24.8, 67.1, 24.9]);
    expect(boundsOf({ type: "FeatureCollection", features: [] })).toBeNull();
  });
});
