import { describe, expect, it } from "vitest";
import { age, fromLocalInput, localClock, localDay, localMoment, toLocalInput, utcClock } from "./clock";

const AT = "2026-03-04T20:06:07.000000Z";

describe("the clock", () => {
  it("shows the city's time on any machine", () => {
    expect(localClock(AT)).toBe("01:06:07");
    expect(localDay(AT)).toBe("05 Mar 2026");
    expect(utcClock(AT)).toBe("20:06:07");
  });

  it("names the day only when it is another one in the city", () => {
    expect(localMoment(AT, Date.parse("2026-03-05T10:00:00Z"))).toBe("01:06:07");
    expect(localMoment(AT, Date.parse("2026-03-04T18:00:00Z"))).toBe("05 Mar 2026 01:06:07");
  });

  it.each([[0, "0", "s"], [59_999, "59", "s"], [60_000, "1", "min"], [3_599_000, "59", "min"], [3_600_000, "1", "h"], [172_800_000, "2", "d"], [-5000, "0", "s"]])(
    "says an age of %d ms in its largest unit", (ms, value, unit) => {
      expect(age(AT, Date.parse(AT) + ms)).toEqual({ value, unit });
    });

  it("takes what is typed as the city's time and gives it back", () => {
    expect(fromLocalInput("2026-03-05T01:06")).toBe("2026-03-04T20:06:00.000Z");
    expect(toLocalInput("2026-03-04T20:06:00.000Z")).toBe("2026-03-05T01:06");
    expect(fromLocalInput("")).toBeNull();
    expect(fromLocalInput("soon")).toBeNull();
  });
});
