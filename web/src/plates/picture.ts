import { useEffect, useState } from "react";
import { live } from "../kernel/live";

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5000;
const MOST_TRIES = 20;

/** How long to wait after so many failures, in milliseconds; null when it has been tried often enough. */
export function waitAfter(failures: number): number | null {
  if (failures >= MOST_TRIES) return null;
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1));
}

export interface Picture {
  /** `late`: asked for at least once, and not there yet. */
  state: "loading" | "late" | "shown" | "missing";
  /** Whether the `<img>` belongs in the page now. It is taken out between two tries, so that each one asks anew. */
  asking: boolean;
  onLoad: () => void;
  onError: () => void;
}

interface Tries {
  failures: number;
  asking: boolean;
  loaded: boolean;
}
const AT_FIRST: Tries = { failures: 0, asking: true, loaded: false };

/** A picture follows its read from the roadside, so it is asked for again for a while. */
export function usePicture(): Picture {
  const [{ failures, asking, loaded }, setTries] = useState(AT_FIRST);
  const wait = waitAfter(failures);
  useEffect(() => {
    if (asking || wait === null) return;
    const timer = setTimeout(() => setTries((before) => ({ ...before, asking: true })), wait);
    return () => clearTimeout(timer);
  }, [asking, wait]);
  // What was missing while the centre was out of reach may be there now.
  useEffect(() => live.onResumed(() => setTries((before) => (waitAfter(before.failures) === null ? AT_FIRST : before))), []);
  const waiting = failures > 0 ? "late" : "loading";
  const unseen = wait === null && !asking ? "missing" : waiting;
  return {
    state: loaded ? "shown" : unseen,
    asking,
    onLoad: () => setTries((before) => ({ ...before, loaded: true })),
    onError: () => setTries((before) => ({ failures: before.failures + 1, asking: false, loaded: false })),
  };
}
