import type { Time } from "../../kernel/wire";

export type By = "camera" | "site" | "vendor";

export interface Availability {
  key: string;
  name: string;
  cameras: number;
  expected_s: number;
  up_s: number;
  /** Null: not known for so long a time. */
  recorded_s: number | null;
  /** Up out of expected; null where nothing was expected. */
  share: number | null;
  outages: number;
  longest_s: number;
}

/** A state or a condition, and while it was so. `until` null: it lasts. */
export interface HistoryEntry {
  kind: string;
  since: Time;
  until: Time | null;
  detail: string;
}
