import { describe, expect, it } from "vitest";
import { firstTime } from "./fmp4";

const number = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const name = (text: string): number[] => Array.from(text, (each) => each.charCodeAt(0));
const box = (type: string, ...body: number[][]): number[] => {
  const inside = body.flat();
  return [...number(inside.length + 8), ...name(type), ...inside];
};
const track = (id: number, kind: string, scale: number): number[] =>
  box("trak", box("tkhd", number(0), number(0), number(0), number(id)),
    box("mdia", box("mdhd", number(0), number(0), number(0), number(scale)), box("hdlr", number(0), number(0), name(kind))));
const fragment = (id: number, at: number, delay: number): number[] =>
  box("traf", box("tfhd", number(0), number(id)), box("tfdt", number(0), number(at)), box("trun", number(0x801), number(1), number(0), number(delay)));
const bytes = (...parts: number[][]): ArrayBuffer => new Uint8Array(parts.flat()).buffer;

describe("the first picture's time", () => {
  it("is the video track's, whichever comes first", () => {
    const made = bytes(box("ftyp", name("iso5")), box("moov", track(1, "soun", 48_000), track(2, "vide", 90_000)),
      box("moof", fragment(1, 12, 0), fragment(2, 180_000, 9_000)), box("mdat", [1, 2, 3]));
    expect(firstTime(made)).toBeCloseTo(2.1);
  });
  it("is unknown where there is no picture", () => {
    expect(firstTime(bytes(box("moov", track(1, "soun", 48_000)), box("moof", fragment(1, 0, 0))))).toBeNull();
    expect(firstTime(new ArrayBuffer(3))).toBeNull();
    expect(firstTime(bytes(box("moov", track(2, "vide", 90_000)), [0, 0, 0, 200, 1, 2, 3, 4]))).toBeNull();
  });
});
