import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask, ProblemError } from "../kernel/http";
import { live } from "../kernel/live";
import { useAllowed } from "../trust/session";
import type { Incident, IncidentDetail, IncidentDraft, IncidentState, Pursuit, What } from "./wire";

export const INCIDENTS = ["incidents"] as const;
const AGAIN_MS = 30_000;

export type Shown = "open" | "resolved" | "closed" | "all";

export function useIncidents(state: Shown, alarm?: string) {
  return useQuery({
    queryKey: [...INCIDENTS, "list", state, alarm ?? ""],
    queryFn: ({ signal }) => ask<{ items: Incident[] }>(`/api/incidents?state=${state}&limit=200${alarm ? `&alarm=${alarm}` : ""}`, { signal }),
    enabled: useAllowed("incidents.view"),
    refetchInterval: AGAIN_MS,
  });
}

export function useIncident(id: string) {
  return useQuery({
    queryKey: [...INCIDENTS, "one", id],
    queryFn: ({ signal }) => ask<IncidentDetail>(`/api/incidents/${id}`, { signal }),
    refetchInterval: AGAIN_MS,
  });
}

/** Null where nobody was followed yet. */
export function usePursuit(id: string) {
  return useQuery({
    queryKey: [...INCIDENTS, "pursuit", id],
    queryFn: async ({ signal }) => {
      try {
        return await ask<Pursuit>(`/api/incidents/${id}/pursuit`, { signal });
      } catch (error) {
        if (error instanceof ProblemError && error.problem.code === "incidents.pursuit") return null;
        throw error;
      }
    },
    refetchInterval: AGAIN_MS,
  });
}

/** What anybody does in an incident is asked for at once. */
export function useIncidentNews(): void {
  const client = useQueryClient();
  useEffect(() => {
    const anew = () => void client.invalidateQueries({ queryKey: INCIDENTS });
    const ends = [live.on("incident.changed", anew), live.onResumed(anew)];
    return () => ends.forEach((end) => end());
  }, [client]);
}

function useChange<G, A>(change: (given: G) => Promise<A>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSettled: () => client.invalidateQueries({ queryKey: INCIDENTS }) });
}

export function useOpenIncident() {
  return useChange((draft: IncidentDraft) => ask<IncidentDetail>("/api/incidents", { method: "POST", json: draft }));
}

export function useNote(id: string) {
  return useChange((text: string) => ask<IncidentDetail>(`/api/incidents/${id}/notes`, { method: "POST", json: { text } }));
}

export function useMove(id: string) {
  return useChange((given: { state: IncidentState; reason: string }) => ask<IncidentDetail>(`/api/incidents/${id}/state`, { method: "POST", json: given }));
}

export function useStart(id: string) {
  return useChange((given: { camera: string; seen_at: string }) => ask<Pursuit>(`/api/incidents/${id}/pursuit`, { method: "POST", json: given }));
}

export interface Said {
  what: Exclude<What, "started">;
  /** Time of the picture that was looked at; absent, never for "seen": as it is said. */
  at?: string;
  camera?: string;
  undoes?: string;
}

export function useSay(id: string) {
  return useChange((said: Said) => ask<Pursuit>(`/api/incidents/${id}/pursuit/steps`, { method: "POST", json: said }));
}
