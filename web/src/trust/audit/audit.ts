import { useQuery } from "@tanstack/react-query";
import { ask, query } from "../../kernel/http";
import { usePages } from "../../kernel/paging";
import type { Time } from "../../kernel/wire";
import type { AuditEntry, AuditStatus, InclusionProof, Outcome } from "../wire";
import { check } from "./proof";

export const OUTCOMES: Outcome[] = ["allowed", "denied", "failed", "begun"];

export interface AuditFilter {
  actor: string;
  action: string;
  outcome: Outcome | "";
  plate: string;
  authority: string;
  from: Time | null;
  to: Time | null;
}
export const NO_FILTER: AuditFilter = { actor: "", action: "", outcome: "", plate: "", authority: "", from: null, to: null };

export const useEntries = (filter: AuditFilter) =>
  usePages<AuditEntry>({ key: ["trust", "audit", "entries"], path: "/api/trust/audit/entries", values: { ...filter }, limit: 100 });

export function useStatus() {
  return useQuery({ queryKey: ["trust", "audit", "status"], queryFn: ({ signal }) => ask<AuditStatus>("/api/trust/audit/status", { signal }), refetchInterval: 30_000 });
}

export function useProof(entry: AuditEntry, key: string | undefined) {
  return useQuery({
    queryKey: ["trust", "audit", "proof", entry.position, key],
    queryFn: async ({ signal }) => check(entry, await ask<InclusionProof>(`/api/trust/audit/entries/${entry.position}/proof`, { signal }), key ?? ""),
    enabled: key !== undefined, retry: false, staleTime: Infinity,
  });
}

export const exportUrl = ({ from, to }: AuditFilter): string => `/api/trust/audit/export${query({ from, to })}`;
