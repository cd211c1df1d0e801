import { Access } from "./access";
import { Feed } from "./feed";

export const SPEEDS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16] as const;
const TICK_MS = 40;
/** So long the clock waits for a camera that has still to fetch. */
const PATIENCE_MS = 6_000;
const LIVE_EDGE_MS = 3_000;

export interface Standing {
  at: number;
  playing: boolean;
  /** Below 0: backward. */
  speed: number;
  waiting: boolean;
}

/** The clock that all cameras follow; the only thing that knows what moment is shown. */
export class Player {
  readonly access: Access;
  readonly #feeds = new Map<string, Feed>();
  readonly #listeners = new Set<() => void>();
  #standing: Standing;
  #timer: ReturnType<typeof setInterval> | undefined;
  #last = performance.now();
  #waitedFor = 0;

  constructor(cameras: string[], at: number) {
    this.access = new Access(cameras);
    this.#standing = { at, playing: false, speed: 1, waiting: false };
  }

  /** Begins to lead; `close` ends that. */
  open(): void {
    this.#timer ??= setInterval(() => {
      this.#tick();
    }, TICK_MS);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly standing = (): Standing => this.#standing;

  feed(camera: string): Feed | undefined {
    return this.#feeds.get(camera);
  }

  attach(camera: string, video: HTMLVideoElement): () => void {
    const feed = new Feed(camera, video, this.access, this.#told);
    this.#feeds.set(camera, feed);
    return () => {
      feed.close();
      this.#feeds.delete(camera);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  seek(at: number): void {
    this.#waitedFor = 0;
    this.#set({ at: Math.min(at, Date.now() - LIVE_EDGE_MS) });
    this.#lead();
  }

  play(speed: number = Math.abs(this.#standing.speed)): void {
    this.#last = performance.now();
    this.#set({ playing: true, speed });
  }

  pause(): void {
    this.#set({ playing: false, speed: Math.abs(this.#standing.speed), waiting: false });
    this.#lead();
  }

  toggle(): void {
    if (this.#standing.playing) this.pause();
    else this.play();
  }

  /** One picture on or back; all cameras go the same time. */
  step(pictures: number): void {
    const [first] = this.#feeds.values();
    this.pause();
    const frame = first?.frame_ms ?? 40;
    // To the middle of the next picture: at its very edge either could be shown.
    this.seek((first?.shown() ?? this.#standing.at) + (pictures + 0.5) * frame);
  }

  /** The way is kept: backward stays backward. */
  speed(next: number): void {
    const { speed, playing } = this.#standing;
    this.#set({ speed: playing && speed < 0 ? -next : next });
  }

  faster(by: 1 | -1): void {
    const { speed } = this.#standing;
    const now = SPEEDS.findIndex((each) => each >= Math.abs(speed));
    const next = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, now + by))] ?? 1;
    this.speed(next);
  }

  #set(change: Partial<Standing>): void {
    this.#standing = { ...this.#standing, ...change };
    this.#told();
  }

  readonly #told = (): void => {
    this.#listeners.forEach((each) => {
      each();
    });
  };

  #lead(): void {
    const { at, playing, speed, waiting } = this.#standing;
    this.#feeds.forEach((feed) => {
      feed.follow(at, playing && !waiting ? speed : playing && speed < 0 ? speed : 0);
    });
  }

  #tick(): void {
    const now = performance.now();
    const passed = Math.min(now - this.#last, 500);
    this.#last = now;
    const { at, playing, speed } = this.#standing;
    if (playing) {
      const feeds = [...this.#feeds.values()];
      const loading = feeds.some(({ state }) => state === "loading" || state === "empty");
      this.#waitedFor = loading ? this.#waitedFor + passed : 0;
      const waiting = loading && this.#waitedFor < PATIENCE_MS;
      const next = this.#overGap(feeds, at, speed);
      if (next !== null) this.#set({ at: next, waiting: false });
      else if (waiting) {
        if (!this.#standing.waiting) this.#set({ waiting });
      } else if (at >= Date.now() - LIVE_EDGE_MS && speed > 0) this.pause();
      else this.#set({ at: at + passed * speed, waiting: false });
    }
    this.#lead();
  }

  /** Where to go on when no camera has anything of this moment. */
  #overGap(feeds: Feed[], at: number, speed: number): number | null {
    if (speed < 0 || feeds.length === 0 || feeds.some(({ state }) => state !== "gap")) return null;
    const next = Math.min(...feeds.map((feed) => feed.next ?? Infinity));
    if (next === Infinity) {
      this.pause();
      return null;
    }
    return next > at ? next : null;
  }
}
