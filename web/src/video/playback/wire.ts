import type { Time } from "../../kernel/wire";

export type GapCause = "link" | "camera" | "power" | "disk" | "restart" | "plan";
/** In the order in which a legend shows them. */
export const CAUSES: readonly GapCause[] = ["link", "camera", "power", "disk", "restart", "plan"];

/** Unix milliseconds throughout. */
export interface CameraTimeline {
  camera: string;
  spans: [number, number][];
  /** From, to, place in the timeline's causes. */
  gaps: [number, number, number][];
  oldest: number | null;
}

/** One camera's, with its causes by name. */
export interface Lane {
  camera: string;
  spans: [number, number][];
  gaps: [number, number, GapCause][];
}

export interface Timeline {
  cameras: CameraTimeline[];
  causes: GapCause[];
  pixel_ms: number;
}

export interface AlarmMark {
  id: string;
  camera: string;
  at: number;
  kind: string;
  severity: string;
}

export interface ReadsMark {
  camera: string;
  at: number;
  count: number;
}

export interface Marks {
  alarms: AlarmMark[];
  /** Null: too long a time to count them. */
  reads: ReadsMark[] | null;
  bucket_ms: number;
}

export interface Opened {
  id: string;
  cameras: string[];
  since: Time;
  until: Time;
  ends_at: Time;
}

export type ExportState = "making" | "ready" | "partial" | "failed" | "expired";

export interface ExportFile {
  camera: string;
  state: ExportState;
  detail: string;
  sha256: string | null;
  size_bytes: number | null;
}

export interface Export {
  id: string;
  cameras: string[];
  stream: "main" | "sub";
  since: Time;
  until: Time;
  authority: string;
  case_ref: string;
  reason: string;
  state: ExportState;
  wanted_at: Time;
  settled_at: Time | null;
  files: ExportFile[];
}

export interface ExportDraft {
  cameras: string[];
  from: Time;
  to: Time;
  stream: "main" | "sub";
  authority: string | null;
  reason: string;
}
