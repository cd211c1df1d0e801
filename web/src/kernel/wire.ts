/** The shapes that the centre's API sends and takes. A test holds them to its OpenAPI. */
import type { FeatureCollection, LineString, Point, Geometry } from "geojson";

/** RFC 3339, UTC, ends in "Z". */
export type Time = string;
export type Severity = "critical" | "high" | "medium" | "low";
export type Category = "stolen" | "wanted" | "missing_person" | "security" | "other";
export type AlarmState = "raised" | "acknowledged" | "confirmed" | "rejected" | "cleared";
export type CameraState = "starting" | "up" | "stalled" | "down" | "stopped" | "unknown";
export type ClipState = "wanted" | "ready" | "unavailable" | "expired";
export type SiteKind = "red_zone" | "saddar" | "airport" | "hospital" | "corridor" | "other";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  /** When asking again may help, where the centre says it. */
  until?: Time;
}

/** A role held everywhere, or at the sites of a group. */
export interface Grant {
  role: string;
  group: string | null;
}

export interface Account {
  id: string;
  username: string;
  display_name: string;
  roles: string[];
  grants: Grant[];
  /** "room.verb"; decides which pages and buttons there are. */
  permissions: string[];
}

export interface Session {
  account: Account;
  expires_at: Time;
  /** A second factor was shown. */
  strong: boolean;
  /** What must be done first: "second_factor", "password" or "enrol". */
  owes: string | null;
  factors: { totp: boolean; passkeys: number };
}

export interface SiteProperties {
  code: string;
  name: string;
  name_ur: string;
  kind: SiteKind;
}
export type Sites = FeatureCollection<Point, SiteProperties>;

export interface BasemapProperties {
  layer: "sea" | "land" | "district" | "road" | "runway" | "park" | "label";
  class?: string;
  name?: string;
  name_ur?: string;
  rank?: number;
}
export type Basemap = FeatureCollection<Geometry, BasemapProperties>;

export interface Camera {
  code: string;
  name: string;
  site: string;
  lon: number;
  lat: number;
  /** Degrees from north, clockwise; null where nobody recorded it. */
  bearing_deg: number | null;
  /** The password in it is masked. */
  address: string;
  enabled: boolean;
  read_plates: boolean;
  analysis_fps: number;
  /** Passwords masked; null where there is none. */
  sub_address: string | null;
  onvif_address: string | null;
  vendor: string;
  model: string;
  audio: boolean;
  recording: RecordingPlan;
}

/** A time on some days of the week, Monday 0; `to` is 24:00 at most. */
export interface WeeklyTime {
  days: number[];
  from: string;
  to: string;
}

export interface RecordingPlan {
  mode: "continuous" | "event" | "scheduled" | "off";
  schedule: WeeklyTime[];
  before_s: number;
  after_s: number;
  days: number | null;
  gigabytes: number | null;
}

export interface CameraDraft {
  code: string;
  name: string;
  site: string;
  lon?: number;
  lat?: number;
  bearing_deg?: number;
  address: string;
  enabled: boolean;
  read_plates: boolean;
  analysis_fps: number;
  /** Null takes it away. */
  sub_address: string | null;
  onvif_address: string | null;
  vendor: string;
  model: string;
  audio: boolean;
  recording: RecordingPlan;
}

export interface ImportReport {
  accepted: number;
  /** All of them; `rejected` holds the first ones only. */
  rejected_count?: number;
  rejected: { line: number; column: string; reason: string; row: string }[];
}

/** What can be wrong with a camera. */
export type ConditionKind = "offline" | "frozen" | "covered" | "blurred" | "moved" | "dark" | "bright" | "gop" | "clock";

export interface Condition {
  kind: ConditionKind;
  since: Time;
  detail: string;
}

export interface CameraHealth {
  camera: string;
  state: CameraState;
  reason: string;
  since: Time;
  fps: number;
  width: number;
  height: number;
  last_frame_at: Time | null;
  skipped_frames: number;
  reconnects: number;
  worker: string;
  conditions: Condition[];
}

export interface WorkerHealth {
  worker: string;
  state: string;
  reason: string;
  since: Time;
  boot: string;
  /** Above zero: the worker's clock is behind the centre's. */
  clock_offset_ms: number;
  spool: { pending: number; state: string; reason: string };
  last_heartbeat_at: Time | null;
}

export interface Clip {
  id: string;
  camera: string;
  start: Time;
  end: Time;
  state: ClipState;
  reason: string;
}

export interface Read {
  id: string;
  plate: string;
  raw_text: string;
  confidence: number;
  /** One confidence a character of `plate`. */
  characters: number[];
  camera: string;
  /** Null, as site and place, where the camera has been removed. */
  camera_name: string | null;
  site: string | null;
  lon: number | null;
  lat: number | null;
  observed_at: Time;
  received_at: Time;
  decided_at: Time;
  first_seen_at: Time;
  last_seen_at: Time;
  /** Left, top, width, height in pixels of a picture of `frame_size`. */
  box: number[];
  /** Width, height. */
  frame_size: number[];
  direction: string;
  frames: number;
  agreeing: number;
  uncertain: boolean;
  /** Centre minus worker; null where they agreed to within a second. */
  clock_offset_ms: number | null;
  clock_suspect: boolean;
  picture: string | null;
  crop: string | null;
}

export interface Entry {
  id: string;
  plate: string;
  kind: "plate" | "pattern";
  reason: string;
  category: Category;
  severity: Severity;
  case_ref: string;
  instructions: string;
  valid_from: Time;
  valid_until: Time | null;
  created_by: string;
  created_at: Time;
  active: boolean;
  /** What allows it; null for one of a time before there were any. */
  authority: string | null;
}

export interface EntryDraft {
  plate: string;
  reason: string;
  category: Category;
  severity: Severity;
  case_ref: string;
  instructions: string;
  valid_from: Time | null;
  valid_until: Time | null;
  authority: string | null;
}

export interface Difference {
  /** From 0, in the text that was read. */
  position: number;
  read: string;
  entry: string;
}

export interface Alarm {
  id: string;
  kind: "plate_match" | "integrity" | "camera" | "site" | "device";
  state: AlarmState;
  severity: Severity;
  title: string;
  raised_at: Time;
  observed_at: Time;
  last_observed_at: Time;
  acknowledged_at: Time | null;
  acknowledged_by: string | null;
  decided_at: Time | null;
  decided_by: string | null;
  decision_reason: string | null;
  /** Further matches within a minute, shown as one. */
  repeat_count: number;
  /** This and the next two are there for a plate match only. */
  match: { kind: MatchKind; cost: number; verify: boolean; differences: Difference[] } | null;
  entry: Entry | null;
  read: Read | null;
  clip: { id: string; state: ClipState; reason: string } | null;
  /** Of kinds camera, site and device; null for others. */
  site: string | null;
  detail: string;
  /** Since when the cause is over; null: it lasts. */
  ended_at: Time | null;
  cameras: Trouble[];
  devices: Trouble[];
}

/** One camera or device under an alarm. `until` null: it lasts. */
export interface Trouble {
  code: string;
  name: string | null;
  /** A condition of a camera, or a device's kind and state ("power_out"). */
  kind: string;
  since: Time;
  until: Time | null;
  detail: string;
}

export type Journey = FeatureCollection<
  Point | LineString,
  { observed_at?: Time; camera?: string; camera_name?: string; read?: string }
>;

export interface Health {
  status: "ok" | "degraded" | "failing";
  checks: Record<string, unknown>;
  version: string;
}

export type MatchKind = "exact" | "pattern" | "near";
