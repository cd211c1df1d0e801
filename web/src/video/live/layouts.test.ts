import { describe, expect, it } from "vitest";
import { forgotten, hung, placed, readWall, recalled, resized, saved, showing } from "./layouts";

const empty = readWall(null);

describe("the wall", () => {
  it("begins with four free tiles, whatever was stored", () => {
    for (const text of [null, "", "{", "[]", '{"size":5,"tiles":[]}', '{"size":4}']) {
      expect(readWall(text)).toEqual({ size: 4, tiles: [null, null, null, null], saved: [] });
    }
  });

  it("keeps of what was stored only what can be", () => {
    const wall = readWall(JSON.stringify({ size: 4, tiles: ["A", 7, "", "B", "C"], saved: [{ name: "x" }, { name: "n", size: 1, tiles: ["A"] }] }));
    expect(wall.tiles).toEqual(["A", null, null, "B"]);
    expect(wall.saved).toEqual([{ name: "n", size: 1, tiles: ["A"] }]);
  });

  it("hangs a camera once, in the chosen tile or the first that is free", () => {
    let wall = hung(empty, "A", 2);
    expect(wall.tiles).toEqual([null, null, "A", null]);
    wall = hung(wall, "B", 2);
    expect(wall.tiles).toEqual(["B", null, "A", null]);
    expect(hung(wall, "A", 3)).toBe(wall);
  });

  it("takes the chosen tile when none is free", () => {
    const full = showing(empty, ["A", "B", "C", "D"]);
    expect(hung(full, "E", 1).tiles).toEqual(["A", "E", "C", "D"]);
  });

  it("lets two cameras change places", () => {
    const wall = showing(empty, ["A", "B", "C"]);
    expect(placed(wall, 0, "C").tiles).toEqual(["C", "B", "A", null]);
    expect(placed(wall, 1, null).tiles).toEqual(["A", null, "C", null]);
  });

  it("moves cameras up before it leaves one out", () => {
    const wall = placed(resized(empty, 9), 8, "Z");
    expect(resized(wall, 4).tiles).toEqual(["Z", null, null, null]);
    expect(resized(wall, 16).tiles[8]).toBe("Z");
  });

  it("keeps arrangements by name", () => {
    const kept = saved(showing(empty, ["A"]), "  Gate ");
    expect(kept.saved.map(({ name }) => name)).toEqual(["Gate"]);
    expect(recalled(resized(kept, 9), "Gate").size).toBe(1);
    expect(saved(kept, " ")).toBe(kept);
    expect(forgotten(kept, "Gate").saved).toEqual([]);
  });
});
