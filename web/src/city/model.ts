import type { Severity } from "../kernel/wire";

/** How a camera stands, as the map draws it: by shape first, by colour second. */
export type Standing = "up" | "warn" | "down" | "off" | "unknown";
export const STANDINGS: Standing[] = ["up", "warn", "down", "off", "unknown"];

export interface MapCamera {
  code: string;
  name: string;
  site: string;
  lon: number;
  lat: number;
  bearing_deg: number | null;
  standing: Standing;
}

export interface MapAlarm {
  id: string;
  lon: number;
  lat: number;
  severity: Severity;
  label: string;
  chosen: boolean;
  /** Nobody has opened it yet. */
  fresh: boolean;
}

/** West, south, east, north, in degrees. */
export type Bounds = [number, number, number, number];

export interface Focus {
  lon: number;
  lat: number;
  zoom: number;
  /** A new value moves the map again to the same place. */
  turn: number;
}

/** The city when nothing else says where to look: the Red Zone to the airport. */
export const HOME: Bounds = [66.955, 24.79, 67.2, 24.955];

export function normalBounds(a: { lng: number; lat: number }, b: { lng: number; lat: number }): Bounds {
  return [Math.min(a.lng, b.lng), Math.min(a.lat, b.lat), Math.max(a.lng, b.lng), Math.max(a.lat, b.lat)]
    .map((degrees) => Number(degrees.toFixed(5))) as Bounds;
}
