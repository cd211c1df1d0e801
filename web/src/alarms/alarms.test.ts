import { afterEach, describe, expect, it, vi } from "vitest";
import type { Alarm } from "../kernel/wire";
import { allOpen } from "./alarms";

const alarm = (id: string): Alarm => ({ id, state: "raised" }) as Alarm;

/** A centre with `count` pages of one alarm each. */
function pages(count: number): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", vi.fn((address: string) => {
    asked.push(address);
    const at = asked.length;
    return Promise.resolve(Response.json({ items: [alarm(`a${at}`)], next_cursor: at < count ? `c=${at}` : null }));
  }));
  return asked;
}

describe("the open alarms", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("are fetched to the last page", async () => {
    const asked = pages(3);
    const { items } = await allOpen(new AbortController().signal);
    expect(items.map(({ id }) => id)).toEqual(["a1", "a2", "a3"]);
    expect(asked).toEqual(["", "&cursor=c%3D1", "&cursor=c%3D2"].map((rest) => `/api/alarms?state=open&limit=200${rest}`));
  });

  it("stop at a bound", async () => {
    const asked = pages(1000);
    await allOpen(new AbortController().signal);
    expect(asked).toHaveLength(25);
  });
});
