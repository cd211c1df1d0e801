import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../kernel/http";
import { usePages } from "../../kernel/paging";
import type { ImportReport } from "../../kernel/wire";
import type { Finding, FindingDetail, PlaceDraft, SensitivePlace, Vehicles } from "../wire";

const FINDINGS = ["trust", "findings"] as const;
const PLACES = ["trust", "sensitive-places"] as const;
const vehicles = (account: string) => ["trust", "vehicles", account] as const;

export const STATES = ["open", "reviewed", "all"] as const;
export type FindingState = (typeof STATES)[number];

export const useFindings = (state: FindingState) => usePages<Finding>({ key: FINDINGS, path: "/api/trust/findings", values: { state } });

export function useFinding(id: string) {
  return useQuery({ queryKey: [...FINDINGS, "one", id], queryFn: ({ signal }) => ask<FindingDetail>(`/api/trust/findings/${id}`, { signal }) });
}

function useStep<T, R>(step: (given: T) => Promise<R>, key: readonly unknown[]) {
  const client = useQueryClient();
  return useMutation({ mutationFn: step, onSuccess: () => client.invalidateQueries({ queryKey: key }) });
}

export const useReview = (id: string) =>
  useStep((json: { decision: "explained" | "referred"; note: string }) => ask<Finding>(`/api/trust/findings/${id}/review`, { method: "POST", json }), FINDINGS);

export function useVehicles(account: string | null) {
  return useQuery({ queryKey: vehicles(account ?? ""), enabled: account !== null, queryFn: ({ signal }) => ask<Vehicles>(`/api/trust/accounts/${account ?? ""}/vehicles`, { signal }) });
}
export const useSetVehicles = (account: string) =>
  useStep((json: Vehicles) => ask<Vehicles>(`/api/trust/accounts/${account}/vehicles`, { method: "PUT", json }), vehicles(account));

export const useImportShifts = () =>
  useStep(async (file: File) => ask<ImportReport>("/api/trust/shifts/import", { method: "POST", text: { type: "text/csv", body: await file.text() } }), ["trust", "shifts"]);

export function usePlaces() {
  return useQuery({ queryKey: PLACES, queryFn: ({ signal }) => ask<{ items: SensitivePlace[] }>("/api/trust/sensitive-places", { signal }) });
}
export const useAddPlace = () => useStep((json: PlaceDraft) => ask<SensitivePlace>("/api/trust/sensitive-places", { method: "POST", json }), PLACES);
export const useRemovePlace = () => useStep((id: string) => ask<undefined>(`/api/trust/sensitive-places/${id}`, { method: "DELETE" }), PLACES);
