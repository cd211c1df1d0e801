import { useSyncExternalStore } from "react";
import { live } from "../kernel/live";
import type { Read } from "../kernel/wire";

const SLOTS = 12;
/** Older ones need an authority. */
const FRESH_MS = 14 * 60_000;

let reads: Read[] = [];
const watchers = new Set<() => void>();

/** From the stream alone: nobody searches to see what passes now. */
live.on("read.seen", (read) => {
  const oldest = Date.now() - FRESH_MS;
  reads = [read, ...reads.filter(({ id, observed_at }) => id !== read.id && Date.parse(observed_at) > oldest)].slice(0, SLOTS);
  watchers.forEach((call) => call());
});

const watch = (call: () => void): (() => void) => {
  watchers.add(call);
  return () => watchers.delete(call);
};

export const latestReads = (): Read[] => reads;
export const useLatest = (): Read[] => useSyncExternalStore(watch, latestReads);
