import type { Standing } from "../model";
import type { Device } from "./wire";

/** Each state as the console draws it. What is not named here is unknown. */
const DRAWN: Record<string, Standing> = {
  mains: "up", solar: "up", battery: "warn", low: "warn", out: "down",
  closed: "up", maintenance: "off", open: "down", quiet: "up", tampered: "down",
  up: "up", lossy: "warn", down: "down", ok: "up", filling: "warn", full: "down", failing: "down",
};

const ORDER: Standing[] = ["down", "warn", "unknown", "off", "up"];

export const drawnAs = (state: string | undefined): Standing => (state === undefined ? "unknown" : (DRAWN[state] ?? "unknown"));

/** How a site stands: as its worst device. */
export function worst(devices: readonly Device[]): Standing {
  const found = devices.map((device) => drawnAs(device.standing?.state));
  return ORDER.find((standing) => found.includes(standing)) ?? "unknown";
}

/** Sites with their devices, those that need a person first. */
export function bySite(devices: readonly Device[]): { site: string; devices: Device[]; standing: Standing }[] {
  const sites = new Map<string, Device[]>();
  for (const device of devices) sites.set(device.site, [...(sites.get(device.site) ?? []), device]);
  return [...sites]
    .map(([site, own]) => ({ site, devices: own, standing: worst(own) }))
    .sort((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing) || a.site.localeCompare(b.site));
}
