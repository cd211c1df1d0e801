import { describe, expect, it } from "vitest";
import { monthAfter } from "./public";
import { partOf } from "./figures";

describe("the report", () => {
  it("covers whole months", () => {
    expect([monthAfter("2026-03"), monthAfter("2026-12"), monthAfter("2026-09")]).toEqual(["2026-04", "2027-01", "2026-10"]);
  });

  it("draws what is known and nothing for what is suppressed", () => {
    expect(partOf({ n: 50 }, 200)).toBe(0.25);
    expect(partOf({ n: null, at_least: 20 }, 200)).toBe(0.1);
    expect(partOf({ n: null }, 200)).toBe(0);
    expect(partOf({ n: 0 }, 0)).toBe(0);
  });
});
