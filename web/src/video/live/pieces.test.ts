import { describe, expect, it } from "vitest";
import { beginsAt, readPiece } from "./pieces";

function box(kind: string, ...content: number[][]): number[] {
  const body = content.flat();
  const size = body.length + 8;
  return [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255, ...Array.from(kind, (letter) => letter.charCodeAt(0)), ...body];
}

const long = (ticks: number): number[] => [1, 0, 0, 0, 0, 0, 0, 1, ticks >>> 24, (ticks >>> 16) & 255, (ticks >>> 8) & 255, ticks & 255];

describe("pieces of live video", () => {
  it("tell when they were seen", () => {
    const message = new Uint8Array(10);
    new DataView(message.buffer).setBigUint64(0, 1_790_000_000_123n);
    message.set([5, 6], 8);
    const piece = readPiece(message.buffer);
    expect(piece.observed_ms).toBe(1_790_000_000_123);
    expect([...piece.data]).toEqual([5, 6]);
  });

  it("tell where they begin", () => {
    const fragment = new Uint8Array(box("moof", box("mfhd", [0]), box("traf", box("tfhd", [0]), box("tfdt", long(90_000)))));
    expect(beginsAt(fragment)).toBeCloseTo((2 ** 32 + 90_000) / 90_000);
    const short = new Uint8Array(box("moof", box("traf", box("tfdt", [0, 0, 0, 0, 0, 2, 191, 32]))));
    expect(beginsAt(short)).toBe(2);
  });

  it("are no fragments where a box is missing or its length is wrong", () => {
    for (const bytes of [[], [1, 2, 3], box("ftyp", [0]), box("moof", box("traf")), [0, 0, 0, 99, ...box("moof").slice(4)], box("moof", box("traf", box("tfdt", [1, 0, 0, 0, 0, 0, 0, 0])))]) {
      expect(beginsAt(new Uint8Array(bytes))).toBeNull();
    }
  });
});
