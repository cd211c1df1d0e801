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
