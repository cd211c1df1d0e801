import { describe, expect, it } from "vitest";
import { inWords, percent } from "./figures";

describe("figures of availability", () => {
  it("never rounds up to a whole that was not reached", () => {
    expect(percent(0.99999)).toBe("99.99%");
    expect(percent(1)).toBe("100%");
    expect(percent(1.02)).toBe("100%");
  });

  it("says spans as people do", () => {
    expect([45, 720, 12_000, 187_200].map(inWords)).toEqual(["45 s", "12 min", "3 h 20 min", "2 d 4 h"]);
  });
});
