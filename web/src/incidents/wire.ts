/** What the centre says about incidents and pursuits. A test holds it to its OpenAPI. */
import type { Time } from "../kernel/wire";

export type IncidentState = "new" | "in_progress" | "on_scene" | "resolved" | "closed";
export type IncidentKind = "vehicle" | "road" | "crime" | "fire" | "medical" | "public_order" | "other";
export type What = "started" | "seen" | "not_seen" | "lost" | "opened" | "undone" | "ended";
export type Expected = "early" | "due" | "past" | "not_seen";

export interface Place {
  lon: number;
  lat: number;
}

export interface Incident {
  id: string;
  number: number;
  title: string;
  kind: IncidentKind;
  state: IncidentState;
  next_states: IncidentState[];
  open: boolean;
  site: string;
  camera: string | null;
  place: Place;
  alarm: string | null;
  opened_at: Time;
  opened_by: string;
  state_at: Time;
  /** Somebody is followed in it now. */
  pursued: boolean;
}

export interface TimelineEntry {
  id: string;
  at: Time;
  by: string;
  kind: "opened" | "note" | "state" | "pursuit";
  what: string;
  text: string;
  camera: string | null;
  moment: Time | null;
}

export interface IncidentDetail extends Incident {
  timeline: TimelineEntry[];
}

export interface IncidentDraft {
  title: string;
  kind: IncidentKind;
  text: string;
  camera: string;
  alarm?: string;
}

export interface Step {
  id: string;
  what: What;
  camera: string;
  at: Time;
  made_at: Time;
  by: string;
  note: string;
  undoes: string | null;
  undone: boolean;
}

export interface Sighting {
  step: string;
  camera: string;
  name: string;
  what: What;
  at: Time;
  by: string;
  place: Place | null;
  at_least_kmh: number | null;
  plausible: boolean;
}

export interface NextCamera {
  camera: string;
  name: string;
  place: Place;
  travel_s: number;
  metres: number;
  earliest: Time;
  latest: Time;
  direct: boolean | null;
  state: Expected;
  way: [number, number][];
}

export interface Pursuit {
  id: string;
  state: "tracking" | "lost" | "ended";
  started_at: Time;
  started_by: string;
  ended_at: Time | null;
  now: Time;
  basis: "roads" | "straight_line";
  trail: Sighting[];
  steps: Step[];
  next: NextCamera[];
}
