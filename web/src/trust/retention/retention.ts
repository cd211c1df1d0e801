import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../kernel/http";
import { usePages } from "../../kernel/paging";
import type { Page, Time } from "../../kernel/wire";
import type { Hold, HoldDraft, Receipt, RetentionClass, SignedReceipt } from "../wire";

const CLASSES = ["trust", "retention"] as const;
const HOLDS = ["trust", "holds"] as const;

export function useClasses() {
  return useQuery({ queryKey: CLASSES, queryFn: ({ signal }) => ask<Page<RetentionClass>>("/api/trust/retention", { signal }) });
}
export const useHolds = () => usePages<Hold>({ key: HOLDS, path: "/api/trust/holds" });
export const useReceipts = () => usePages<Receipt>({ key: ["trust", "receipts"], path: "/api/trust/retention/receipts" });

export function useReceipt(id: string) {
  return useQuery({ queryKey: ["trust", "receipt", id], queryFn: ({ signal }) => ask<SignedReceipt>(`/api/trust/retention/receipts/${id}`, { signal }) });
}

function useStep<T, R>(step: (given: T) => Promise<R>, key: readonly unknown[]) {
  const client = useQueryClient();
  return useMutation({ mutationFn: step, onSuccess: () => client.invalidateQueries({ queryKey: key }) });
}

export const useSetDays = (name: string) =>
  useStep((json: { days: number; reason: string }) => ask<RetentionClass>(`/api/trust/retention/${encodeURIComponent(name)}`, { method: "PATCH", json }), CLASSES);
export const usePlaceHold = () => useStep((json: HoldDraft) => ask<Hold>("/api/trust/holds", { method: "POST", json }), HOLDS);
export const useReviewHold = (id: string) =>
  useStep((json: { reason: string; review_at: Time }) => ask<Hold>(`/api/trust/holds/${id}/review`, { method: "POST", json }), HOLDS);
export const useReleaseHold = (id: string) =>
  useStep((json: { reason: string }) => ask<Hold>(`/api/trust/holds/${id}/release`, { method: "POST", json }), HOLDS);
