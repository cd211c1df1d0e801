import { expect, test } from "vitest";
import { bySite, worst } from "./standing";
import type { Device } from "./wire";

const device = (site: string, state: string | null): Device => ({
  code: `${site}-${state ?? "none"}`, site, kind: "power", name: "", capacity_wh: null, windows: [], maintenance_until: null,
  standing: state === null ? null : { state, since: "", detail: "", observed_at: "", received_at: "", values: {} },
});

test("a site stands as its worst device", () => {
  expect(worst([device("A", "mains"), device("A", "open")])).toBe("down");
  expect(worst([device("A", "mains"), device("A", "silent")])).toBe("unknown");
  expect(worst([device("A", "mains"), device("A", "maintenance")])).toBe("off");
  expect(worst([])).toBe("unknown");
});

test("sites that need a person come first", () => {
  const sites = bySite([device("A", "mains"), device("C", "battery"), device("B", "out"), device("D", null)]);
  expect(sites.map(({ site }) => site)).toEqual(["B", "C", "D", "A"]);
});
