import { useMutation, useQuery } from "@tanstack/react-query";
import { ask, query } from "../../kernel/http";
import type { Availability, By, HistoryEntry } from "./wire";

export type SpanName = "day" | "week" | "month";
export const SPANS: Record<SpanName, number> = { day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 };

const bounds = (span: SpanName): { from: string; to: string } => {
  const now = Date.now();
  return { from: new Date(now - SPANS[span]).toISOString(), to: new Date(now).toISOString() };
};

export const sheetAddress = (by: By, span: SpanName): string => `/api/video/availability/export${query({ ...bounds(span), by })}`;

export function useAvailability(by: By, span: SpanName) {
  return useQuery({
    queryKey: ["video", "availability", by, span],
    queryFn: ({ signal }) => ask<{ items: Availability[] }>(`/api/video/availability${query({ ...bounds(span), by })}`, { signal }),
    refetchInterval: 60_000,
  });
}

export function useCameraHistory(camera: string | null, span: SpanName) {
  return useQuery({
    queryKey: ["video", "history", camera, span],
    queryFn: ({ signal }) =>
      ask<{ items: HistoryEntry[] }>(`/api/video/cameras/${encodeURIComponent(camera ?? "")}/history${query(bounds(span))}`, { signal }),
    enabled: camera !== null,
    refetchInterval: 30_000,
  });
}

export function useAcceptView() {
  return useMutation({
    mutationFn: (camera: string) => ask<null>(`/api/video/cameras/${encodeURIComponent(camera)}/view`, { method: "POST" }),
  });
}
