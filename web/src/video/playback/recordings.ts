import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, query } from "../../kernel/http";
import type { Page } from "../../kernel/wire";
import { asked, DAY, length, type Span } from "./span";
import type { Export, ExportDraft, GapCause, Lane, Marks, Timeline } from "./wire";

const EXPORTS = ["video", "exports"] as const;
const REFRESH_MS = 15_000;
const MAKING_MS = 1_500;
const MARKED_MOST = 16;

const iso = (at: number): string => new Date(at).toISOString();

function useSpanOf(span: Span, width: number) {
  const { from, to } = asked(span);
  // As many pixels as the wider span would have on this screen, in whole hundreds.
  const pixels = Math.min(10_000, Math.ceil(((to - from) / length(span)) * (width / 100)) * 100);
  return { from, to, pixels };
}

export function useTimeline(cameras: string[], span: Span, width: number) {
  const { from, to, pixels } = useSpanOf(span, width);
  return useQuery({
    queryKey: ["video", "timeline", cameras, from, to, pixels],
    queryFn: ({ signal }) => ask<Timeline>(`/api/video/timeline${query({ cameras: cameras.join(","), from: iso(from), to: iso(to), width: pixels })}`, { signal }),
    enabled: cameras.length > 0 && width > 0,
    placeholderData: keepPreviousData,
    refetchInterval: () => (to > Date.now() ? REFRESH_MS : false),
  });
}

export function useMarks(cameras: string[], span: Span, width: number) {
  const { from, to, pixels } = useSpanOf(span, width);
  const named = cameras.slice(0, MARKED_MOST);
  return useQuery({
    queryKey: ["video", "marks", named, from, to, pixels],
    queryFn: ({ signal }) => ask<Marks>(`/api/video/timeline/marks${query({ cameras: named.join(","), from: iso(from), to: iso(Math.min(to, from + 32 * DAY)), width: pixels })}`, { signal }),
    enabled: named.length > 0 && width > 0,
    placeholderData: keepPreviousData,
    refetchInterval: () => (to > Date.now() ? REFRESH_MS : false),
  });
}

export function useExports(enabled: boolean) {
  return useQuery({
    queryKey: EXPORTS,
    queryFn: ({ signal }) => ask<Page<Export>>("/api/video/exports?limit=20", { signal }),
    enabled,
    refetchInterval: (found) => (found.state.data?.items.some(({ state }) => state === "making") ? MAKING_MS : false),
  });
}

export function useMakeExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: ExportDraft) => ask<Export>("/api/video/exports", { method: "POST", json }),
    onSuccess: () => client.invalidateQueries({ queryKey: EXPORTS }),
  });
}

export function lanesOf(timeline: Timeline | undefined): Map<string, Lane> {
  const causes = timeline?.causes ?? [];
  return new Map((timeline?.cameras ?? []).map(({ camera, spans, gaps }) => [
    camera, { camera, spans, gaps: gaps.map(([from, to, cause]): [number, number, GapCause] => [from, to, causes[cause] ?? "plan"]) },
  ]));
}
