import { describe, expect, it } from "vitest";
import type { Scope } from "../wire";
import { coversPlate } from "./covers";

const scope = (plates: string[] | null): Scope => ({ plates, cameras: null, sites: null, bounds: null, since: null, until: null, uses: ["search"] });

describe("an authority's plates", () => {
  it.each([
    [["BGC771"], "BGC771", true], [["BGC771"], "BGC772", false], [["BGC*"], "BGC771", true], [["BGC*"], "BGC", true], [["BGC*"], "BG", false],
    [["AUH9??"], "AUH914", true], [["AUH9??"], "AUH91", false], [["AUH9*"], "AUH9??", true], [["AUH9??"], "AUH9*", false], [["X1", "BGC771"], "BGC771", true],
  ])("%j cover %s: %s", (plates, plate, covered) => expect(coversPlate(scope(plates), plate)).toBe(covered));

  it("are all where none is named", () => expect(coversPlate(scope(null), "ANY1")).toBe(true));
});
