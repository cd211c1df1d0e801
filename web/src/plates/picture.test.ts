import { act, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { usePicture, waitAfter } from "./picture";

describe("a picture that is not there yet", () => {
  afterEach(() => void vi.useRealTimers());

  it("is asked for again soon, then less often", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 19].map(waitAfter)).toEqual([300, 600, 1200, 2400, 4800, 5000, 5000, 5000]);
  });

  it("is given up after twenty tries, more than a minute later", () => {
    const waits = Array.from({ length: 20 }, (_, index) => waitAfter(index + 1));
    expect(waits.indexOf(null)).toBe(19);
    expect(waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0)).toBeGreaterThan(60_000);
    expect(waitAfter(40)).toBeNull();
  });

  it("is shown when a later try brings it", () => {
    vi.useFakeTimers();
    const { result } = renderHook(usePicture);
    expect(result.current).toMatchObject({ state: "loading", asking: true });
    act(() => result.current.onError());
    expect(result.current).toMatchObject({ state: "late", asking: false });
    act(() => void vi.advanceTimersByTime(300));
    expect(result.current).toMatchObject({ state: "late", asking: true });
    act(() => result.current.onLoad());
    expect(result.current.state).toBe("shown");
  });

  it("is missing only when no try brought it", () => {
    vi.useFakeTimers();
    const { result } = renderHook(usePicture);
    for (let tries = 1; tries <= 20; tries += 1) {
      expect(result.current).toMatchObject({ state: tries === 1 ? "loading" : "late", asking: true });
      act(() => result.current.onError());
      act(() => void vi.advanceTimersByTime(5000));
    }
    expect(result.current).toMatchObject({ state: "missing", asking: false });
  });
});
