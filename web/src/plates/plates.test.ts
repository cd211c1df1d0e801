import { describe, expect, it } from "vitest";
import { normalPlate, plateGroups, readQuery } from "./reads";
import { readSearchParams, searchOf, searchParams } from "./searching";

describe("plates", () => {
  it.each([["BGC771", ["BGC", "771"]], ["LEB4201A", ["LEB", "4201A"]], ["R8501", ["R", "8501"]], ["???12", ["???12"]], ["", []]])(
    "sets the letters of %s apart", (plate, groups) => {
      expect(plateGroups(plate)).toEqual(groups);
    });

  it("drops spaces and hyphens and keeps wildcards", () => {
    expect(normalPlate(" bgc-7 7?* ")).toBe("BGC77?*");
  });
});

describe("a search in the address bar", () => {
  it("comes back as it went in", () => {
    const search = {
      plate: "BGC771", match: "near" as const, cameras: ["RZ-01-A"], area: [67, 24.8, 67.1, 24.9] as [number, number, number, number],
      from: "2026-03-04T00:00:00.000Z", to: null, asked: true,
    };
    expect(searchOf(readSearchParams({ ...searchParams(search) }))).toEqual(search);
  });

  it("leaves out what is no search", () => {
    expect(readSearchParams({ plate: 771, match: "exactly", bounds: "1,2,x,4", camera: [5], from: "" })).toEqual({ plate: "771" });
  });

  it("asks the centre with every camera and without a match for no plate", () => {
    const none = { plate: "", match: "near" as const, cameras: ["A", "B"], area: null, from: null, to: null, asked: true };
    expect(readQuery(none)).toBe("?camera=A&camera=B");
  });
});
