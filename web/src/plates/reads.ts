import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Bounds } from "../city/model";
import { ask, query } from "../kernel/http";
import type { Journey, MatchKind, Page, Read, Time } from "../kernel/wire";

/** What a person asks the reads for. Lives in the address bar, so that a search can be passed on. */
export interface ReadSearch {
  plate: string;
  match: MatchKind;
  cameras: string[];
  area: Bounds | null;
  from: Time | null;
  to: Time | null;
  /** The person has pressed search. */
  asked: boolean;
}

const PAGE = 50;
const FEW = 12;

export type PicturePart = "picture" | "crop";

/** Of an alarm, or of what just passed, without an authority. */
export const pictureUrl = (read: string, part: PicturePart, authority: string | null): string =>
  `/api/plates/reads/${encodeURIComponent(read)}/${part}${query({ authority })}`;

export function readQuery(search: ReadSearch): string {
  return query({
    plate: search.plate, match: search.plate ? search.match : null, camera: search.cameras,
    bounds: search.area?.join(","), from: search.from, to: search.to,
  });
}

/** Nothing is searched until the person asks, and nothing without an authority. */
export function useReads(search: ReadSearch, authority: string | null) {
  return useInfiniteQuery({
    queryKey: ["plates", "reads", authority, search],
    queryFn: ({ pageParam, signal }) => {
      const base = readQuery(search);
      const rest = query({ authority, cursor: pageParam, limit: PAGE }).slice(1);
      return ask<Page<Read>>(`/api/plates/reads${base ? `${base}&${rest}` : `?${rest}`}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 10_000,
    enabled: authority !== null && search.asked,
  });
}

/** The newest few sightings of one plate. */
export function useHistory(plate: string, authority: string | null) {
  return useQuery({
    queryKey: ["plates", "history", plate, authority],
    queryFn: ({ signal }) => ask<Page<Read>>(`/api/plates/reads${query({ plate, match: "exact", authority, limit: FEW })}`, { signal }),
    enabled: plate !== "" && authority !== null,
  });
}

interface JourneyAsked {
  plate: string | null;
  authority: string | null;
  from?: Time | null;
  to?: Time | null;
}

export function useJourney({ plate, authority, from, to }: JourneyAsked) {
  return useQuery({
    queryKey: ["plates", "journey", plate, authority, from ?? null, to ?? null],
    queryFn: ({ signal }) => ask<Journey>(`/api/plates/journeys${query({ plate, authority, from, to })}`, { signal }),
    enabled: authority !== null && plate !== null && plate !== "",
  });
}

/** The series letters apart from the rest, as on the plate: "BGC771" to ["BGC", "771"]. */
export function plateGroups(plate: string): string[] {
  const letters = /^[A-Z]*/.exec(plate)?.[0] ?? "";
  return [letters, plate.slice(letters.length)].filter(Boolean);
}

/** Upper case without spaces or hyphens; ? and * stay for patterns. */
export function normalPlate(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9?*]/g, "");
}

/** Where reads were made, as points without a path: several vehicles have none. */
export function sightings(reads: Read[]): Journey {
  return {
    type: "FeatureCollection",
    features: reads.flatMap(({ lon, lat, id, observed_at }) => lon === null || lat === null ? [] : {
      type: "Feature" as const, geometry: { type: "Point" as const, coordinates: [lon, lat] }, properties: { observed_at, read: id },
    }),
  };
}
