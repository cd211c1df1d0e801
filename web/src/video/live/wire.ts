/** What the centre says about watching live and turning cameras. A test holds it to its OpenAPI. */
import type { Time } from "../../kernel/wire";

export type Stream = "main" | "sub";
export type Way = "mse" | "hls";

export interface LiveView {
  id: string;
  ticket: string | null;
  /** For one use, within 30 s. */
  socket: string | null;
  playlist: string | null;
  now: Time;
  ends_at: Time;
}

export interface Lease {
  held_by: string;
  until: Time;
  mine: boolean;
  taken_from: string | null;
}

export interface Steering {
  available: boolean;
  /** Why the camera cannot be turned. */
  reason: string;
  presets: { token: string; name: string }[];
  lease: Lease | null;
}

export interface SteerAct {
  action: "move" | "stop" | "preset" | "home";
  pan?: number;
  tilt?: number;
  zoom?: number;
  preset?: string;
}

/** What a camera sees is kept until then, though it is recorded around events only. */
export interface Kept {
  camera: string;
  until: Time;
}

/** The text messages of a live socket; each binary one is 8 bytes of observed_at (ms) and a piece. */
export type Said =
  | { type: "format"; mime: string; started_at: Time }
  | { type: "state"; reason: string }
  | { type: "skipped"; pieces: number }
  | { type: "ended"; reason: string; again: boolean };
