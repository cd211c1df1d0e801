import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { ask, ProblemError, query } from "../kernel/http";
import { live } from "../kernel/live";
import type { Alarm, AlarmState, Page, Severity } from "../kernel/wire";
import { useAllowed } from "../trust/session";

export const OPEN = ["alarms", "open"] as const;
const DECIDED = ["alarms", "decided"] as const;
const one = (id: string) => ["alarms", "one", id] as const;

const OPEN_PAGE = 200;
const MOST_OPEN_PAGES = 25;
const RANK: Record<Severity, number> = { critical: 0, high: 1, medium: 2, low: 3 };

export const isOpen = (state: AlarmState): boolean => state === "raised" || state === "acknowledged";

/** Most severe first, then newest first. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return RANK[a.severity] - RANK[b.severity] || b.raised_at.localeCompare(a.raised_at) || a.id.localeCompare(b.id);
}

/**
 * Every open alarm: the pages come newest first, and an old critical one may be on the last of them.
 * What the stream brings meanwhile is newer than the pages.
 */
export async function allOpen(signal: AbortSignal): Promise<Page<Alarm>> {
  const found = new Map<string, Alarm>();
  const brought = new Map<string, Alarm>();
  const note = (alarm: Alarm) => void brought.set(alarm.id, alarm);
  const offs = [live.on("alarm.raised", note), live.on("alarm.changed", note)];
  let cursor: string | null = null;
  try {
    for (let count = 0; count < MOST_OPEN_PAGES && (count === 0 || cursor !== null); count += 1) {
      const rest: string = query({ state: "open", limit: OPEN_PAGE, cursor });
      const page: Page<Alarm> = await ask<Page<Alarm>>(`/api/alarms${rest}`, { signal });
      page.items.forEach((alarm) => found.set(alarm.id, alarm));
      cursor = page.next_cursor;
    }
  } finally {
    offs.forEach((off) => off());
  }
  brought.forEach((alarm, id) => {
    if (found.has(id) || isOpen(alarm.state)) found.set(id, alarm);
  });
  return { items: [...found.values()], next_cursor: cursor };
}

export function useOpenAlarms() {
  return useQuery({
    queryKey: OPEN,
    queryFn: ({ signal }) => allOpen(signal),
    enabled: useAllowed("alarms.view"),
    refetchInterval: 60_000,
  });
}

export function useDecidedAlarms(enabled: boolean) {
  return useInfiniteQuery({
    queryKey: DECIDED,
    queryFn: ({ pageParam, signal }) =>
      ask<Page<Alarm>>(`/api/alarms?state=decided&limit=50${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ""}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled,
  });
}

export function useAlarm(id: string | null) {
  const client = useQueryClient();
  return useQuery({
    queryKey: one(id ?? ""),
    enabled: id !== null,
    queryFn: ({ signal }) => ask<Alarm>(`/api/alarms/${encodeURIComponent(id ?? "")}`, { signal }),
    initialData: () => client.getQueryData<Page<Alarm>>(OPEN)?.items.find((alarm) => alarm.id === id),
    staleTime: 5000,
  });
}

/** Puts an alarm that the stream or an answer brought wherever it is shown. */
export function placeAlarm(client: QueryClient, alarm: Alarm): void {
  client.setQueryData(one(alarm.id), alarm);
  client.setQueryData<Page<Alarm>>(OPEN, (page) => {
    if (!page) return page;
    const known = page.items.some((each) => each.id === alarm.id);
    if (known) return { ...page, items: page.items.map((each) => (each.id === alarm.id ? alarm : each)) };
    return isOpen(alarm.state) ? { ...page, items: [alarm, ...page.items] } : page;
  });
  if (!isOpen(alarm.state)) void client.invalidateQueries({ queryKey: DECIDED });
}

export function clipChanged(client: QueryClient, alarm: string | null): void {
  if (alarm) void client.invalidateQueries({ queryKey: one(alarm) });
}

export type Verdict = "confirm" | "reject";

function useStep<T>(step: (given: T) => Promise<Alarm>, idOf: (given: T) => string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: step,
    onSuccess: (alarm) => placeAlarm(client, alarm),
    onError: async (error, given) => {
      if (!(error instanceof ProblemError) || error.status !== 409) return;
      await client.invalidateQueries({ queryKey: one(idOf(given)) });
      await client.invalidateQueries({ queryKey: OPEN });
    },
  });
}

export function useAcknowledge() {
  return useStep((id: string) => ask<Alarm>(`/api/alarms/${id}/acknowledge`, { method: "POST" }), (id) => id);
}

export interface Decision {
  id: string;
  verdict: Verdict;
  reason: string;
}

export function useDecide() {
  return useStep(
    ({ id, verdict, reason }: Decision) => ask<Alarm>(`/api/alarms/${id}/${verdict}`, { method: "POST", json: { reason } }),
    ({ id }) => id,
  );
}
