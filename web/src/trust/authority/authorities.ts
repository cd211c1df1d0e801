import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../kernel/http";
import { usePages } from "../../kernel/paging";
import type { Page } from "../../kernel/wire";
import { useAllowed, useSession } from "../session";
import type { Authority, AuthorityDraft, DocumentRef, Use } from "../wire";

const AUTHORITIES = ["trust", "authorities"] as const;
const REFRESH_MS = 30_000;

export const LISTS = ["open", "active", "ended", "all"] as const;
export type List = (typeof LISTS)[number];

export const PURPOSES = [
  "stolen_vehicle", "wanted_vehicle", "warrant", "missing_person", "kidnapping", "terrorism", "hit_and_run", "robbery", "homicide",
  "narcotics", "court_order", "protection", "traffic_offence", "misuse_inquiry", "subject_access",
] as const;
export type Purpose = (typeof PURPOSES)[number];

export function useAuthorities(state: List, mine: boolean) {
  return usePages<Authority>({ key: AUTHORITIES, path: "/api/trust/authorities", values: { state, mine: mine ? "true" : null } });
}

/** Mine that are active now, for the forms that need one. */
export function useMyActive(use: Use): { rows: Authority[]; ready: boolean } {
  const allowed = useAllowed("trust.view_authorities");
  const me = useSession().data?.account.id;
  const found = useQuery({
    queryKey: [...AUTHORITIES, "active", me],
    queryFn: ({ signal }) => ask<Page<Authority>>("/api/trust/authorities?state=active&limit=200", { signal }),
    enabled: allowed, refetchInterval: REFRESH_MS,
  });
  const rows = (found.data?.items ?? []).filter((each) => each.scope.uses.includes(use));
  // One's own first: others' stand there for a colleague who takes the case over.
  return { rows: [...rows.filter((each) => each.requested_by.id === me), ...rows.filter((each) => each.requested_by.id !== me)], ready: !found.isPending };
}

export function useAuthority(id: string | null) {
  return useQuery({
    queryKey: [...AUTHORITIES, "one", id],
    queryFn: ({ signal }) => ask<Authority>(`/api/trust/authorities/${id ?? ""}`, { signal }),
    enabled: useAllowed("trust.view_authorities") && id !== null,
  });
}

/** How many wait for a decision; nothing is asked for those who decide nothing. */
export function useWaiting(): number {
  const decides = useAllowed("trust.approve_authority");
  const open = useQuery({
    queryKey: [...AUTHORITIES, "waiting"],
    queryFn: ({ signal }) => ask<Page<Authority>>("/api/trust/authorities?state=open&limit=100", { signal }),
    enabled: decides, refetchInterval: REFRESH_MS,
  });
  return open.data?.items.length ?? 0;
}

export function usePurposes() {
  return useQuery({
    queryKey: ["trust", "purposes"], staleTime: Infinity,
    queryFn: ({ signal }) => ask<{ items: { code: string }[] }>("/api/trust/purposes", { signal }),
  });
}

export interface Uploaded extends DocumentRef {
  size_bytes: number;
  type: string;
}

export function useUpload() {
  return useMutation({
    mutationFn: async (file: File): Promise<Uploaded> => {
      const kept = await ask<Omit<Uploaded, "name">>("/api/trust/documents", { method: "POST", text: { type: file.type, body: file } });
      return { ...kept, name: file.name };
    },
  });
}

export function useRequest() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: AuthorityDraft) => ask<Authority>("/api/trust/authorities", { method: "POST", json }),
    onSuccess: () => client.invalidateQueries({ queryKey: AUTHORITIES }),
  });
}

export type Step = "approve" | "refuse" | "revoke" | "withdraw";

export function useStep(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ step, reason }: { step: Step; reason: string }) => ask<Authority>(`/api/trust/authorities/${id}/${step}`, { method: "POST", json: { reason } }),
    onSettled: () => client.invalidateQueries({ queryKey: AUTHORITIES }),
  });
}
