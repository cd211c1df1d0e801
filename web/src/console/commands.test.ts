import { describe, expect, it } from "vitest";
import { looksLikePlate, matching, type Command } from "./commands";

const command = (id: string, text: string): Command => ({ id, group: "", text, run: () => undefined });
const ALL = [command("search", "Go to Search"), command("hotlist", "Go to Hot-list"), command("RZ-01-A", "Show camera RZ-01-A")];

describe("the command bar", () => {
  it("takes a text with a figure for a plate, and no other", () => {
    expect([["bgc 771", true], ["LE?17*", true], ["hot-list", false], ["7", false], ["a very long sentence 77", false]].map(
      ([text]) => looksLikePlate(String(text)))).toEqual([true, true, false, false, false]);
  });

  it("finds what holds every word", () => {
    expect(matching(ALL, "go hot", 9).map(({ id }) => id)).toEqual(["hotlist"]);
    expect(matching(ALL, "rz-01", 9).map(({ id }) => id)).toEqual(["RZ-01-A"]);
    expect(matching(ALL, "", 2)).toHaveLength(2);
  });
});
