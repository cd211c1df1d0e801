import type { Bounds } from "../city/model";
import type { MatchKind } from "../kernel/wire";
import type { ReadSearch } from "./reads";

/** A search as it stands in the address bar. */
export interface SearchParams {
  plate?: string;
  match?: MatchKind;
  camera?: string[];
  bounds?: string;
  from?: string;
  to?: string;
  /** Asked without any limit but the authority's own. */
  all?: boolean;
}

const KINDS = new Set<unknown>(["exact", "pattern", "near"]);
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** Takes whatever stands in the address bar; leaves out what is no search. */
export function readSearchParams(given: Record<string, unknown>): SearchParams {
  const params: SearchParams = {};
  const plate = typeof given["plate"] === "number" ? String(given["plate"]) : text(given["plate"]);
  if (plate) params.plate = plate;
  if (KINDS.has(given["match"])) params.match = given["match"] as MatchKind;
  const cameras: unknown = given["camera"];
  const list = (Array.isArray(cameras) ? cameras : [cameras]).filter((each) => typeof each === "string");
  if (list.length > 0) params.camera = list;
  const bounds = text(given["bounds"]);
  if (bounds && boundsOf(bounds)) params.bounds = bounds;
  const from = text(given["from"]);
  const to = text(given["to"]);
  if (from) params.from = from;
  if (to) params.to = to;
  if (given["all"] === true) params.all = true;
  return params;
}

function boundsOf(value: string): Bounds | null {
  const numbers = value.split(",").map(Number);
  return numbers.length === 4 && numbers.every(Number.isFinite) ? (numbers as Bounds) : null;
}

export function searchOf(params: SearchParams): ReadSearch {
  return {
    plate: params.plate ?? "", match: params.match ?? "exact", cameras: params.camera ?? [],
    area: params.bounds ? boundsOf(params.bounds) : null, from: params.from ?? null, to: params.to ?? null,
    asked: Object.keys(params).some((name) => name !== "match"),
  };
}

export function searchParams(search: ReadSearch): SearchParams {
  const params: SearchParams = {};
  if (search.plate) params.plate = search.plate;
  if (search.match !== "exact") params.match = search.match;
  if (search.cameras.length > 0) params.camera = search.cameras;
  if (search.area) params.bounds = search.area.join(",");
  if (search.from) params.from = search.from;
  if (search.to) params.to = search.to;
  if (Object.keys(params).every((name) => name === "match")) params.all = true;
  return params;
}
