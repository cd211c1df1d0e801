import { useQuery } from "@tanstack/react-query";
import type { Bounds, MapCamera } from "../../city/model";
import { useCameras } from "../../city/places";
import { ask, query } from "../../kernel/http";
import type { Camera } from "../../kernel/wire";
import { useAllowed } from "../../trust/session";
import type { Reachable, Scope } from "../../trust/wire";

/** What an authority would let be searched, counted by the centre. */
export function useReachOf(authority: string | null) {
  return useQuery({
    queryKey: ["plates", "reach", authority],
    queryFn: ({ signal }) => ask<Reachable>(`/api/plates/reach${query({ authority })}`, { signal }),
    enabled: useAllowed("plates.reach") && authority !== null,
    staleTime: 60_000,
  });
}

type Where = Pick<Scope, "cameras" | "sites" | "bounds">;

/** Cameras, sites and bounds narrow each other, as they do at the centre. */
export function lies(camera: Pick<Camera, "code" | "site" | "lon" | "lat">, { cameras, sites, bounds }: Where): boolean {
  if (cameras !== null && !cameras.includes(camera.code)) return false;
  if (sites !== null && !sites.includes(camera.site)) return false;
  if (bounds === null) return true;
  const [west = 0, south = 0, east = 0, north = 0] = bounds;
  return camera.lon >= west && camera.lon <= east && camera.lat >= south && camera.lat <= north;
}

export interface InReach {
  marks: MapCamera[];
  codes: string[];
}

/** Every camera as the map shows it: in reach or not. */
export function useInReach(where: Where, known?: string[] | null): InReach {
  const cameras = useCameras().data ?? [];
  const named = known ? new Set(known) : null;
  const codes: string[] = [];
  const marks = cameras.map((camera): MapCamera => {
    const inside = named ? named.has(camera.code) : lies(camera, where);
    if (inside) codes.push(camera.code);
    const { code, name, site, lon, lat, bearing_deg } = camera;
    return { code, name, site, lon, lat, bearing_deg, standing: inside ? "up" : "unknown" };
  });
  return { marks, codes };
}

export const boundsOf = (scope: Scope): Bounds | null => (scope.bounds?.length === 4 ? (scope.bounds as Bounds) : null);
