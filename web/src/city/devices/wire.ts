/** Site devices as the centre's API sends and takes them. A test holds them to its OpenAPI. */
import type { Time } from "../../kernel/wire";

export type DeviceKind = "power" | "door" | "tamper" | "link" | "disk";
export type Values = Record<string, boolean | number | string>;

export interface DeviceWindow {
  /** Monday is 0. */
  days: number[];
  /** "09:00", the city's time; over midnight where `to` is not after it. */
  from: string;
  to: string;
}

export interface DeviceStanding {
  state: string;
  since: Time;
  detail: string;
  observed_at: Time;
  received_at: Time;
  values: Values;
}

export interface Device {
  code: string;
  site: string;
  kind: DeviceKind;
  name: string;
  capacity_wh: number | null;
  windows: DeviceWindow[];
  maintenance_until: Time | null;
  standing: DeviceStanding | null;
}

export interface DeviceDraft {
  code: string;
  site: string;
  kind: DeviceKind;
  name: string;
  capacity_wh?: number | null;
  windows?: DeviceWindow[];
  maintenance_until?: Time | null;
}

export interface Point {
  at: Time;
  received_at: Time;
  values: Values;
}

export interface SitePower {
  state: string;
  since: Time;
  detail: string;
  charge_share: number | null;
  load_w: number | null;
  chart: Point[];
}

export interface Forecast {
  running: boolean;
  basis: "discharge" | "past" | "load" | "none";
  empties_at: Time | null;
  earliest: Time | null;
  latest: Time | null;
  hours_left: number | null;
  against_8h: "met" | "short" | "uncertain" | "unknown";
}

export interface SiteStatus {
  site: string;
  power: SitePower | null;
  forecast: Forecast;
  supplies: Device[];
  doors: Device[];
  links: Device[];
  disks: Device[];
}
