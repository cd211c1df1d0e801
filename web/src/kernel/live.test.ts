import { afterEach, expect, it, vi } from "vitest";
import { live } from "./live";

class Source extends EventTarget {
  static last: Source;
  readyState = 1;
  onopen?: () => void;
  onerror?: () => void;
  constructor() {
    super();
    Source.last = this;
  }
  close(): void {
    this.readyState = 2;
  }
}

afterEach(() => {
  live.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("lets everything be fetched again whenever the stream begins, the first time too", () => {
  vi.stubGlobal("EventSource", Source);
  const call = vi.fn();
  const off = live.onResumed(call);
  live.open();
  Source.last.onopen?.();
  expect(call).not.toHaveBeenCalled();
  Source.last.dispatchEvent(new MessageEvent("ready", { data: "{}" }));
  expect(call).toHaveBeenCalledTimes(1);
  Source.last.onerror?.();
  Source.last.onopen?.();
  Source.last.dispatchEvent(new MessageEvent("ready", { data: "{}" }));
  expect(call).toHaveBeenCalledTimes(2);
  off();
});

function opened(): Source {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Source);
  live.open();
  Source.last.onopen?.();
  return Source.last;
}

it.each(["ready", "resync", "beat", "read.seen"])("keeps a stream on which %s is heard", (name) => {
  const source = opened();
  for (let each = 0; each < 5; each += 1) {
    vi.advanceTimersByTime(39_000);
    source.dispatchEvent(new MessageEvent(name, { data: "{}" }));
  }
  expect(Source.last).toBe(source);
  expect(live.snapshot().status).toBe("live");
});

it("gives up a stream that is silent for forty seconds, and opens another", () => {
  const dead = opened();
  const refused = vi.fn();
  const off = live.onRefused(refused);
  vi.advanceTimersByTime(39_999);
  expect(live.snapshot().status).toBe("live");
  vi.advanceTimersByTime(1);
  expect(live.snapshot().status).toBe("reconnecting");
  expect(dead.readyState).toBe(2);
  const hanging = Source.last;
  expect(hanging).not.toBe(dead);
  vi.advanceTimersByTime(40_000); // not even opened: the link is still dead
  expect(hanging.readyState).toBe(2);
  expect(Source.last).not.toBe(hanging);
  Source.last.onopen?.();
  expect(live.snapshot().status).toBe("live");
  expect(refused).not.toHaveBeenCalled();
  off();
});

it("leaves a break that the browser noticed to the browser, and a closed stream closed", () => {
  const source = opened();
  source.onerror?.();
  vi.advanceTimersByTime(120_000);
  expect(Source.last).toBe(source);
  source.onopen?.();
  vi.advanceTimersByTime(40_000);
  expect(Source.last).not.toBe(source);
  live.close();
  const last = Source.last;
  vi.advanceTimersByTime(120_000);
  expect(Source.last).toBe(last);
  expect(vi.getTimerCount()).toBe(0);
});
