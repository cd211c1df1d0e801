import { useSyncExternalStore } from "react";
import type { Alarm, CameraHealth, ClipState, Read, WorkerHealth } from "./wire";

export interface LiveEvents {
  "alarm.raised": Alarm;
  "alarm.changed": Alarm;
  "camera.changed": CameraHealth;
  "worker.changed": WorkerHealth;
  "clip.changed": { id: string; state: ClipState; alarm: string | null };
  "read.seen": Read;
  "device.changed": { site: string; device: string; state: string };
  "site_power.changed": { site: string; device: string; state: string };
  "incident.changed": { id: string };
  "camera.steered": { camera: string; held_by: string; until: string; taken_from: string | null };
}
export type LiveName = keyof LiveEvents;

export interface LiveState {
  status: "connecting" | "live" | "reconnecting";
  /** Milliseconds since 1970. */
  since: number;
}

type Handler<N extends LiveName> = (data: LiveEvents[N]) => void;
type Handlers = { [N in LiveName]: Set<Handler<N>> };

const ADDRESS = "/api/console/events";
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
/** The centre says something at least every 15 s; a link silent for so long is dead, whatever the browser thinks. */
const SILENCE_MS = 40_000;

/** The one stream of a window. The browser resumes it after a break; we open it anew after a refusal or a long silence. */
class Live {
  private source: EventSource | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private wait_ms = FIRST_RETRY_MS;
  private state: LiveState = { status: "connecting", since: Date.now() };
  private readonly watchers = new Set<() => void>();
  private readonly resumed = new Set<() => void>();
  private readonly refused = new Set<() => void>();
  private readonly handlers: Handlers = {
    "alarm.raised": new Set(), "alarm.changed": new Set(), "camera.changed": new Set(),
    "worker.changed": new Set(), "clip.changed": new Set(), "read.seen": new Set(), "camera.steered": new Set(),
    "device.changed": new Set(), "incident.changed": new Set(), "site_power.changed": new Set(),
  };

  open(): void {
    if (this.source) return;
    const source = new EventSource(ADDRESS);
    this.source = source;
    this.heard();
    source.onopen = () => {
      this.heard();
      this.wait_ms = FIRST_RETRY_MS;
      this.become("live");
    };
    source.onerror = () => {
      clearTimeout(this.silence); // the browser noticed, and comes back with Last-Event-ID: leave it to that
      this.become("reconnecting");
      if (source.readyState === EventSource.CLOSED) this.reopen();
    };
    ["ready", "resync", "beat", ...Object.keys(this.handlers)].forEach((name) => source.addEventListener(name, () => this.heard()));
    (Object.keys(this.handlers) as LiveName[]).forEach((name) => {
      source.addEventListener(name, (event) => {
        const data = JSON.parse((event as MessageEvent<string>).data) as LiveEvents[typeof name];
        (this.handlers[name] as Set<Handler<typeof name>>).forEach((handler) => handler(data));
      });
    });
    // `ready` opens each stream, the first one too: what came between a list and its stream is in neither.
    // `resync`: too much was missed to be sent one by one.
    ["ready", "resync"].forEach((name) => source.addEventListener(name, () => this.resumed.forEach((call) => call())));
  }

  close(): void {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.source?.close();
    this.source = undefined;
    this.state = { status: "connecting", since: Date.now() };
  }

  on<N extends LiveName>(name: N, handler: Handler<N>): () => void {
    const set = this.handlers[name] as Set<Handler<N>>;
    set.add(handler);
    return () => set.delete(handler);
  }

  /** The stream has begun, or begun again: whatever came before must be fetched again. */
  onResumed(call: () => void): () => void {
    this.resumed.add(call);
    return () => this.resumed.delete(call);
  }

  /** The centre refused the stream; perhaps the session has ended. */
  onRefused(call: () => void): () => void {
    this.refused.add(call);
    return () => this.refused.delete(call);
  }

  watch = (call: () => void): (() => void) => {
    this.watchers.add(call);
    return () => this.watchers.delete(call);
  };

  snapshot = (): LiveState => this.state;

  private heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.become("reconnecting");
      this.source?.close();
      this.source = undefined;
      this.open();
    }, SILENCE_MS);
  }

  private reopen(): void {
    this.source?.close();
    this.source = undefined;
    this.refused.forEach((call) => call());
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), this.wait_ms);
    this.wait_ms = Math.min(LAST_RETRY_MS, this.wait_ms * 2);
  }

  private become(status: LiveState["status"]): void {
    if (this.state.status === status) return;
    this.state = { status, since: Date.now() };
    this.watchers.forEach((call) => call());
  }
}

export const live = new Live();

export function useLive(): LiveState {
  return useSyncExternalStore(live.watch, live.snapshot);
}
