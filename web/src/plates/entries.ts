import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, query } from "../kernel/http";
import type { Entry, EntryDraft, ImportReport, Page } from "../kernel/wire";

export type EntryState = "active" | "expired" | "all";
const ENTRIES = ["plates", "entries"] as const;
const PAGE = 100;

export function useEntries(text: string, state: EntryState) {
  return useInfiniteQuery({
    queryKey: [...ENTRIES, text, state],
    queryFn: ({ pageParam, signal }) =>
      ask<Page<Entry>>(`/api/plates/entries${query({ q: text, state, cursor: pageParam, limit: PAGE })}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: (before) => before,
  });
}

function useEntryStep<T, R>(step: (given: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: step, onSuccess: () => client.invalidateQueries({ queryKey: ENTRIES }) });
}

export function useSaveEntry(existing: string | null) {
  return useEntryStep((draft: EntryDraft) => {
    if (existing === null) {
      const json = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== null));
      return ask<Entry>("/api/plates/entries", { method: "POST", json });
    }
    // The plate of an entry never changes: another plate is another entry.
    const json = Object.fromEntries(
      Object.entries(draft).filter(([name, value]) => name !== "plate" && name !== "authority" && (value !== null || name === "valid_until")),
    );
    return ask<Entry>(`/api/plates/entries/${existing}`, { method: "PATCH", json });
  });
}

export function useEndEntry() {
  return useEntryStep((id: string) => ask<unknown>(`/api/plates/entries/${id}`, { method: "DELETE" }));
}

export function useImportEntries() {
  return useEntryStep(async ({ file, authority }: { file: File; authority: string }) =>
    ask<ImportReport>(`/api/plates/entries/import${query({ authority })}`, { method: "POST", text: { type: "text/csv", body: await file.text() } }));
}
