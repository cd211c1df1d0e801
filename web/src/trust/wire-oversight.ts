/** Audit, retention, misuse and the public, as they go over the wire. */
import type { Time } from "../kernel/wire";

export type Outcome = "allowed" | "denied" | "failed" | "begun";

export interface AuditEntry {
  position: number;
  at: Time;
  actor: string;
  username: string | null;
  action: string;
  permission: string | null;
  outcome: Outcome;
  status: number | null;
  method: string | null;
  path: string | null;
  address: string | null;
  session: string | null;
  request: string | null;
  authority: string | null;
  late: boolean;
  details: Record<string, unknown>;
  /** The very text that was hashed; everything above is read out of it. */
  leaf: string;
  leaf_hash: string;
}

/** Hashes in base64; the checkpoint is a C2SP signed note. Size and root are taken from it alone. */
export interface InclusionProof {
  position: number;
  proof: string[];
  checkpoint: string;
}

export interface AuditStatus {
  size: number;
  checkpoint: { size: number; root: string; at: Time } | null;
  witnesses: { name: string; size: number | null; at: Time | null }[];
  late: number;
  /** "ok" or "diverged". */
  state: string;
  reason: string | null;
  /** NAME+KEYID+BASE64: checks checkpoints. */
  key: string;
}

export interface RetentionClass {
  name: string;
  days: number;
  least: number;
  most: number;
  about: string;
  held: boolean;
}

export interface Receipt {
  id: string;
  number: number;
  name: string;
  things: string;
  at: Time;
  since: Time | null;
  until: Time | null;
  removed: number;
  kept: number;
  digest: string;
  partitions: string[];
  blobs: number;
  blob_bytes: number;
}

export interface SignedReceipt extends Receipt {
  signed_note: string;
}

export interface HoldDraft {
  authority: string;
  case_ref: string;
  reason: string;
  scope: { plates: string[] | null; cameras: string[] | null; since: Time; until: Time };
  review_at: Time;
}

export interface Hold extends Omit<HoldDraft, "scope"> {
  id: string;
  /** `plates` null with a count above zero: not for these eyes. */
  scope: { plates: string[] | null; plate_count: number; cameras: string[] | null; since: Time; until: Time };
  overdue: boolean;
  placed_at: Time;
  placed_by: string;
  released_at: Time | null;
  released_by: string | null;
  release_reason: string | null;
  reviews: { at: Time; by: string; reason: string; review_at: Time }[];
}

export interface Finding {
  id: string;
  detector: string;
  account: string;
  username: string;
  subject: string;
  since: Time;
  until: Time;
  explanation: string;
  /** Positions in the audit log. */
  evidence: number[];
  found_at: Time;
  decision: "explained" | "referred" | null;
  note: string;
  reviewed_at: Time | null;
}

export type Evidence = Pick<AuditEntry, "position" | "at" | "action" | "permission" | "authority" | "details"> & { outcome: string };

export interface FindingDetail extends Finding {
  entries: Evidence[];
}

export interface Vehicles {
  own: string[];
  household: string[];
}

export interface PlaceDraft {
  name: string;
  kind: "worship" | "protest" | "other";
  bounds: [number, number, number, number];
  from: Time;
  to: Time;
}

export interface SensitivePlace extends Omit<PlaceDraft, "bounds"> {
  id: string;
  bounds: number[] | null;
  circle: { lon: number; lat: number; radius_m: number } | null;
}

export type RequestState = "received" | "verified" | "answered" | "refused" | "appealed" | "upheld" | "dismissed";

/** What came to an appeal, without who asks. */
export interface Appeal {
  id: string;
  reference: string;
  kind: "access" | "complaint";
  state: RequestState;
  plate: string | null;
  text: string;
  received_at: Time;
  due_at: Time;
  overdue: boolean;
  answered_by: string | null;
  history: { at: Time; by: string; state: RequestState; text: string }[];
}

export interface PublicRequest extends Appeal {
  name: string;
  contact: string;
}

export interface RequestDraft {
  kind: "access" | "complaint";
  name: string;
  contact: string;
  plate: string | null;
  text: string;
}

/** `n` null: too few in some month to be shown; the sum is at least `at_least`. */
export interface Figure {
  n: number | null;
  at_least?: number;
}

export interface ReportTable {
  rows: Record<string, Figure | Record<string, Figure>>;
  total?: Figure;
  totals?: Record<string, Figure>;
}

export interface TransparencyReport {
  form: string;
  from: string;
  to: string;
  log: { size: number; root: string };
  suppressed_below: number;
  tables: Record<string, ReportTable>;
}
