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
}

const PAGE = 50;
const FEW = 12;

export const pictureUrl = (sha: string): string => `/api/plates/pictures/${sha}`;

export function readQuery(search: ReadSearch): string {
  return query({
    plate: search.plate, match: search.plate ? search.match : null, camera: search.cameras,
    bounds: search.area?.join(","), from: search.from, to: search.to,
  });
}

export function useReads(search: ReadSearch) {
  return useInfiniteQuery({
    queryKey: ["plates", "reads", search],
    queryFn: ({ pageParam, signal }) => {
      const base = readQuery(search);
      const rest = query({ cursor: pageParam, limit: PAGE }).slice(1);
      return ask<Page<Read>>(`/api/plates/reads${base ? `${base}&${rest}` : `?${rest}`}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 10_000,
  });
}

/** The newest few sightings of one plate. */
export function useHistory(plate: string) {
  return useQuery({
    queryKey: ["plates", "history", plate],
    queryFn: ({ signal }) => ask<Page<Read>>(`/api/plates/reads${query({ plate, match: "exact", limit: FEW })}`, { signal }),
    enabled: plate !== "",
  });
}

export function useLatestReads() {
  return useQuery({
    queryKey: ["plates", "latest"],
    queryFn: ({ signal }) => ask<Page<Read>>(`/api/plates/reads${query({ limit: FEW })}`, { signal }),
  });
}

export function useJourney(plate: string | null, from?: Time | null, to?: Time | null) {
  return useQuery({
    queryKey: ["plates", "journey", plate, from ?? null, to ?? null],
    queryFn: ({ signal }) => ask<Journey>(`/api/plates/journeys${query({ plate, from, to })}`, { signal }),
    enabled: plate !== null && plate !== "",
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
