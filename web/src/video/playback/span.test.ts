import { describe, expect, it } from "vitest";
import { asked, contains, DAY, following, HOUR, length, LONGEST, MINUTE, nextRecorded, SHORTEST, ticks, toMoment, toPixel, zoomed } from "./span";

const day = { from: 0, to: DAY };

describe("the time that is shown", () => {
  it("keeps the moment under the pointer while it zooms", () => {
    const closer = zoomed(day, 0.5, 6 * HOUR);
    expect(toPixel(closer, 6 * HOUR, 1000)).toBeCloseTo(toPixel(day, 6 * HOUR, 1000));
    expect(length(closer)).toBe(12 * HOUR);
  });
  it("stays between minutes and a month", () => {
    expect(length(zoomed(day, 1e-9, 0))).toBe(SHORTEST);
    expect(length(zoomed(day, 1e9, 0))).toBe(LONGEST);
  });
  it("follows what plays and stands still otherwise", () => {
    expect(following(day, 12 * HOUR)).toBe(day);
    expect(following(day, DAY + HOUR)).toEqual({ from: DAY + HOUR - DAY * 0.2, to: DAY + HOUR + DAY * 0.8 });
  });
  it("goes from moments to pixels and back", () => {
    expect(toMoment(day, toPixel(day, 5 * HOUR, 731), 731)).toBeCloseTo(5 * HOUR);
  });
  it("has ticks on whole steps of the city's clock", () => {
    const { step, at } = ticks(day, 800, 80);
    expect(step).toBe(6 * HOUR);
    expect(at.map((each) => (each + 5 * HOUR) % step)).toEqual(at.map(() => 0));
  });
  it("asks again only after larger moves", () => {
    expect(asked({ from: HOUR, to: HOUR + 40 * MINUTE })).toEqual(asked({ from: HOUR + MINUTE, to: HOUR + 41 * MINUTE }));
    const around = asked(day);
    expect(around.from).toBeLessThan(day.from);
    expect(around.to).toBeGreaterThan(day.to);
  });
});

describe("what is recorded", () => {
  const spans: [number, number][] = [[0, 10], [50, 60]];
  it("begins with a span and ends before its end", () => {
    expect([0, 9, 10, 49, 50].map((at) => contains(spans, at))).toEqual([true, true, false, false, true]);
  });
  it("goes on with the next span, or not at all", () => {
    expect([5, 10, 60].map((at) => nextRecorded(spans, at))).toEqual([5, 50, null]);
  });
});
