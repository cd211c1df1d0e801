import { describe, expect, it } from "vitest";
import { draftOf, platesOf, startOf, type Asking } from "./asking";
import { lies } from "./reach";

const NOW = Date.parse("2026-03-04T00:00:00Z");
const full: Asking = {
  ...startOf(null, "", NOW), plates: "bgc 771\nLE?17*", case_ref: "FIR 1/2026", grounds: "Seen leaving the scene",
  document: { sha256: "a".repeat(64), name: "order.pdf" },
};

describe("a request", () => {
  it("takes plates as people type them, each once", () => {
    expect(platesOf("bgc-771, BGC771;\n le?17* ")).toEqual(["BGC771", "LE?17*"]);
  });

  it("is complete with case, grounds, document, plates and expiry", () => {
    expect(draftOf(full, null)?.scope).toEqual({ plates: ["BGC771", "LE?17*"], cameras: null, sites: null, bounds: null, since: null, until: null, uses: ["search"] });
  });

  it.each([
    ["no plate", { plates: " " }], ["no document", { document: null }], ["short grounds", { grounds: "because" }], ["no case", { case_ref: " " }],
    ["no use", { uses: [] }], ["every plate everywhere", { every: true, since: "2026-03-01T00:00:00Z", until: "2026-03-02T00:00:00Z" }],
    ["every plate at all times", { every: true, cameras: ["A"] }],
  ] as [string, Partial<Asking>][])("is not complete with %s", (_what, change) => expect(draftOf({ ...full, ...change }, null)).toBeNull());

  it("replaces without being an emergency", () => {
    expect(draftOf({ ...full, emergency: true }, "x")).toMatchObject({ emergency: false, replaces: "x" });
  });
});

describe("what lies in a scope", () => {
  const camera = { code: "SD-01-A", site: "SD-01", lon: 67.02, lat: 24.86 };
  it("is narrowed by cameras, sites and bounds together", () => {
    expect(lies(camera, { cameras: null, sites: null, bounds: null })).toBe(true);
    expect(lies(camera, { cameras: ["SD-01-A"], sites: ["RZ-01"], bounds: null })).toBe(false);
    expect(lies(camera, { cameras: null, sites: ["SD-01"], bounds: [67, 24.8, 67.1, 24.9] })).toBe(true);
    expect(lies(camera, { cameras: null, sites: null, bounds: [67.03, 24.8, 67.1, 24.9] })).toBe(false);
  });
});
