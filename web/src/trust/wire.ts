/** What trust's part of the API sends and takes. tests/browser/test_wire.py holds it to the OpenAPI. */
import type { Grant, Time } from "../kernel/wire";

export interface SignedIn {
  id: string;
  created_at: Time;
  last_seen_at: Time;
  ends_at: Time;
  current: boolean;
  address: string;
  agent: string;
  method: string;
}

export interface TotpStart {
  secret: string;
  uri: string;
  qr_svg: string;
}

export interface Passkey {
  id: string;
  name: string;
  created_at: Time;
  last_used_at: Time | null;
  /** When a copy of it showed up; it opens nothing since. */
  refused_at: Time | null;
}

export interface Person {
  id: string;
  username: string;
  display_name: string;
}

/** An account as those see it who manage it. */
export interface AccountView extends Person {
  grants: Grant[];
  disabled_at: Time | null;
  locked_until: Time | null;
  must_change_password: boolean;
  last_seen_at: Time | null;
  created_at: Time;
  factors: { totp: boolean; passkeys: number };
}

export interface SiteGroup {
  code: string;
  name: string;
  sites: string[];
}

export interface RoleView {
  role: string;
  permissions: string[];
  held_alone: boolean;
}

export type AuthorityState = "requested" | "active" | "refused" | "revoked" | "withdrawn" | "expired" | "sealed";
export type Use = "search" | "entry" | "export";

/** Null leaves that side open, as far as the role reaches. */
export interface Scope {
  plates: string[] | null;
  cameras: string[] | null;
  sites: string[] | null;
  /** West, south, east, north. */
  bounds: number[] | null;
  since: Time | null;
  until: Time | null;
  uses: Use[];
}

export interface DocumentRef {
  sha256: string;
  name: string;
}

export interface AuthorityDraft {
  purpose: string;
  case_ref: string;
  grounds: string;
  document: DocumentRef;
  scope: Scope;
  expires_at: Time;
  emergency: boolean;
  replaces: string | null;
}

/** Time itself does some changes: then nobody stands in `by`. */
export interface AuthorityChange {
  at: Time;
  by: Person | null;
  change: string;
  reason: string;
}

export interface Authority extends AuthorityDraft {
  id: string;
  number: number;
  state: AuthorityState;
  /** An emergency that nobody approved ends sooner than it expires. */
  ends_at: Time;
  requested_by: Person;
  requested_at: Time;
  decided_by: Person | null;
  decided_at: Time | null;
  decision_reason: string | null;
  active_since: Time | null;
  ended_at: Time | null;
  /** Older reads than a role may search: a senior approving officer decides. */
  beyond_tier: boolean;
  history: AuthorityChange[];
}

export interface Reachable {
  /** Null: every camera. */
  cameras: string[] | null;
  since: Time | null;
  until: Time | null;
  reads: number;
  plates: number;
  estimate: boolean;
}

export type * from "./wire-oversight";
