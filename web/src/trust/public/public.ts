import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, query } from "../../kernel/http";
import { usePages } from "../../kernel/paging";
import type { Appeal, PublicRequest, RequestDraft, RequestState, TransparencyReport } from "../wire";

const REQUESTS = ["trust", "requests"] as const;

export const REQUEST_STATES: RequestState[] = ["received", "verified", "answered", "refused", "appealed", "upheld", "dismissed"];

/** Who handles requests sees all of them; who decides appeals sees those, and not who asks. */
export const usePublicRequests = (handles: boolean, state: RequestState | "all") =>
  usePages<Appeal & Partial<PublicRequest>>({ key: REQUESTS, path: handles ? "/api/trust/requests" : "/api/trust/appeals", values: handles ? { state } : {} });

export function usePublicRequest(handles: boolean, id: string) {
  return useQuery({ queryKey: [...REQUESTS, "one", id], queryFn: ({ signal }) => ask<Appeal & Partial<PublicRequest>>(`/api/trust/${handles ? "requests" : "appeals"}/${id}`, { signal }) });
}

export function useReceive() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: RequestDraft) => ask<PublicRequest>("/api/trust/requests", { method: "POST", json }),
    onSuccess: () => client.invalidateQueries({ queryKey: REQUESTS }),
  });
}

export const STEPS = ["verify", "answer", "refuse", "appeal", "uphold", "dismiss"] as const;
export type RequestStep = (typeof STEPS)[number];

/** What may follow on a state. */
export const NEXT: Record<RequestState, RequestStep[]> = {
  received: ["verify", "refuse"], verified: ["answer", "refuse"], answered: ["appeal"], refused: ["appeal"], appealed: ["uphold", "dismiss"], upheld: [], dismissed: [],
};

export function useRequestStep(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ step, text }: { step: RequestStep; text: string }) => {
      const decides = step === "uphold" || step === "dismiss";
      const json = decides ? { text, outcome: step === "uphold" ? "upheld" : "dismissed" } : { text };
      return ask<unknown>(`/api/trust/requests/${id}/${decides ? "decide" : step}`, { method: "POST", json });
    },
    onSettled: () => client.invalidateQueries({ queryKey: REQUESTS }),
  });
}

export const reportUrl = (from: string, to: string): string => `/api/trust/report${query({ from, to })}`;

export function useReport(from: string, to: string) {
  return useQuery({
    queryKey: ["trust", "report", from, to], enabled: from < to, staleTime: 60_000,
    queryFn: ({ signal }) => ask<TransparencyReport>(reportUrl(from, to), { signal }),
  });
}

/** "2026-03" and one month on. */
export function monthAfter(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
}
