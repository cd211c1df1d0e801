import { useSyncExternalStore } from "react";
import { preferences } from "./preferences";
import type { Time } from "./wire";

/** Where the city lies. Every local time in the console is of this zone, on any machine. */
export const CITY_ZONE = "Asia/Karachi";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((each) => {
      each();
    });
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Milliseconds since 1970, ticking once a second for everybody at once. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

const parts: Intl.DateTimeFormatOptions = { hour12: false, hourCycle: "h23" };
const clock = new Intl.DateTimeFormat("en-GB", {
  ...parts, timeZone: CITY_ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const clockUtc = new Intl.DateTimeFormat("en-GB", {
  ...parts, timeZone: "UTC", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const dated: Intl.DateTimeFormatOptions = { timeZone: CITY_ZONE, day: "2-digit", month: "short", year: "numeric" };
const days = { en: new Intl.DateTimeFormat("en-GB", dated), ur: new Intl.DateTimeFormat("ur-u-nu-latn", dated) };
const tickDays = {
  en: new Intl.DateTimeFormat("en-GB", { timeZone: CITY_ZONE, day: "numeric", month: "short" }),
  ur: new Intl.DateTimeFormat("ur-u-nu-latn", { timeZone: CITY_ZONE, day: "numeric", month: "short" }),
};
const dayKey = new Intl.DateTimeFormat("en-CA", { timeZone: CITY_ZONE });

/** "14:05:09" in the city. */
export const localClock = (at: Time | number): string => clock.format(new Date(at));
export const utcClock = (at: Time | number): string => clockUtc.format(new Date(at));
/** "22 Nov 2026" in the city, the month by its name in the person's language. */
export const localDay = (at: Time | number): string => days[preferences().language].format(new Date(at));
/** "22 Nov", for where the year is plain. */
export const shortDay = (at: Time | number): string => tickDays[preferences().language].format(new Date(at));

/** The time alone for today, day and time otherwise. */
export function localMoment(at: Time, reference: number): string {
  const sameDay = dayKey.format(new Date(at)) === dayKey.format(reference);
  return sameDay ? localClock(at) : `${localDay(at)} ${localClock(at)}`;
}

export interface Span {
  value: string;
  unit: "s" | "min" | "h" | "d";
}

/** How long ago, in the largest unit that fits; never below zero. */
export function age(at: Time | number, reference: number): Span {
  const seconds = Math.max(0, Math.floor((reference - new Date(at).getTime()) / 1000));
  if (seconds < 60) return { value: String(seconds), unit: "s" };
  if (seconds < 3600) return { value: String(Math.floor(seconds / 60)), unit: "min" };
  if (seconds < 86_400) return { value: String(Math.floor(seconds / 3600)), unit: "h" };
  return { value: String(Math.floor(seconds / 86_400)), unit: "d" };
}

/** Pakistan has kept UTC+5 all year since 2010. */
const OFFSET = "+05:00";

/** What an `<input type="datetime-local">` holds, as the city's time, to UTC; empty is null. */
export function fromLocalInput(value: string): Time | null {
  if (!value) return null;
  const at = new Date(`${value.length === 16 ? `${value}:00` : value}${OFFSET}`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

export function toLocalInput(at: Time | null): string {
  if (!at) return "";
  return new Date(new Date(at).getTime() + 5 * 3_600_000).toISOString().slice(0, 16);
}
