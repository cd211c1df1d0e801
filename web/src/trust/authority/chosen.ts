import { useSyncExternalStore } from "react";

/** Under which authority this tab works. A tab is one session: it is forgotten with the tab. */
const KEY = "amaan.authority";
const listeners = new Set<() => void>();

const read = (): string | null => {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
};
let current = read();

export function choose(id: string | null): void {
  current = id;
  try {
    if (id === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, id);
  } catch {
    // A browser that stores nothing still obeys until the page is closed.
  }
  listeners.forEach((listener) => listener());
}

export function useChosen(): string | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => current);
}
