import { useSyncExternalStore } from "react";

/** What a person set on this machine. Nothing here is secret. */
export interface Preferences {
  theme: "dark" | "light";
  language: "en" | "ur";
  sound: boolean;
}

const KEY = "amaan.preferences";
const DEFAULTS: Preferences = { theme: "dark", language: "en", sound: true };
const listeners = new Set<() => void>();

function load(): Preferences {
  try {
    const saved = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return {
      theme: saved.theme === "light" ? "light" : "dark",
      language: saved.language === "ur" ? "ur" : "en",
      sound: saved.sound ?? DEFAULTS.sound,
    };
  } catch {
    return DEFAULTS;
  }
}

let current = load();

export const preferences = (): Preferences => current;

export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // A browser that stores nothing still obeys until the page is closed.
  }
  dress();
  listeners.forEach((listener) => {
    listener();
  });
}

export function onPreference(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Puts theme, language and direction on the document. */
export function dress(): void {
  const root = document.documentElement;
  root.dataset["theme"] = current.theme;
  root.lang = current.language;
  root.dir = current.language === "ur" ? "rtl" : "ltr";
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(onPreference, preferences);
}
