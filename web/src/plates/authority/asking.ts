import type { Bounds } from "../../city/model";
import type { Time } from "../../kernel/wire";
import type { Uploaded } from "../../trust/authority/authorities";
import type { Authority, AuthorityDraft, DocumentRef, Use } from "../../trust/wire";
import { normalPlate } from "../reads";

/** The form as it is typed. */
export interface Asking {
  purpose: string;
  case_ref: string;
  grounds: string;
  document: DocumentRef | Uploaded | null;
  /** One a line. */
  plates: string;
  every: boolean;
  cameras: string[];
  sites: string[];
  area: Bounds | null;
  since: Time | null;
  until: Time | null;
  uses: Use[];
  expires_at: Time | null;
  emergency: boolean;
}

const DAY_MS = 86_400_000;

export function startOf(before: Authority | null, plate: string, now: number): Asking {
  const scope = before?.scope;
  return {
    purpose: before?.purpose ?? "stolen_vehicle", case_ref: before?.case_ref ?? "", grounds: before?.grounds ?? "", document: before?.document ?? null,
    plates: scope ? (scope.plates ?? []).join("\n") : plate, every: scope ? scope.plates === null : false,
    cameras: scope?.cameras ?? [], sites: scope?.sites ?? [], area: scope?.bounds?.length === 4 ? (scope.bounds as Bounds) : null,
    since: scope?.since ?? null, until: scope?.until ?? null, uses: scope?.uses ?? ["search"],
    expires_at: new Date(now + 14 * DAY_MS).toISOString(), emergency: false,
  };
}

export function platesOf(text: string): string[] {
  return [...new Set(text.split(/[\n,;]+/).map(normalPlate).filter(Boolean))];
}

/** What is to be sent, or null while something that must be there is not. */
export function draftOf(asking: Asking, replaces: string | null): AuthorityDraft | null {
  const plates = asking.every ? null : platesOf(asking.plates);
  const { document, expires_at, since, until } = asking;
  const bounded = asking.cameras.length > 0 || asking.sites.length > 0 || asking.area !== null;
  const inBounds = bounded && since !== null && until !== null;
  const enough = plates === null ? inBounds : plates.length > 0 && (inBounds || !asking.uses.includes("export"));
  if (!enough || document === null || expires_at === null || asking.uses.length === 0) return null;
  if (asking.case_ref.trim() === "" || asking.grounds.trim().length < 10) return null;
  return {
    purpose: asking.purpose, case_ref: asking.case_ref.trim(), grounds: asking.grounds.trim(),
    document: { sha256: document.sha256, name: document.name },
    scope: {
      plates, cameras: asking.cameras.length > 0 ? asking.cameras : null, sites: asking.sites.length > 0 ? asking.sites : null,
      bounds: asking.area, since, until, uses: asking.uses,
    },
    expires_at, emergency: asking.emergency && replaces === null, replaces,
  };
}
