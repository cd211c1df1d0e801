import { ProblemError } from "../../kernel/http";
import { plays } from "../live/pipe";
import { Appender, openSource } from "./appending";
import type { Access, Piece } from "./access";
import { firstTime } from "./fmp4";
import { DAY } from "./span";

export type FeedState = "empty" | "loading" | "ready" | "gap" | "failed";

const AHEAD_MS = 8_000;
const BEHIND_MS = 30_000;
const PIECE_S = 4;
const KEYFRAMES_S = 60;
const HOLE_MS = 400;
const DRIFT_MS = 120;
const MOST_SKIPPED_MS = 30_000;
const RETRY_MS = 1_500;
const FAST = 4; // beyond it keyframes are enough, and all that a slow line carries

interface Stretch {
  start: number;
  end: number;
}

/** One camera's recording on one video element, led by a clock that others follow too. */
export class Feed {
  readonly camera: string;
  state: FeedState = "empty";
  reason = "";
  note = "";
  /** When recording goes on, while the state is "gap". */
  next: number | null = null;
  /** Milliseconds from one picture to the next, as far as was seen. */
  frame_ms = 40;
  readonly #video: HTMLVideoElement;
  readonly #access: Access;
  readonly #changed: () => void;
  #base = 0;
  #opened: { source: Promise<MediaSource>; close: () => void } | null = null;
  #appender: Appender | null = null;
  #stretches: Stretch[] = [];
  #loading: AbortController | null = null;
  #keyframes = false;
  #wanted = 0;
  #asked = 0;
  #gapFrom = 0;
  #retryAt = 0;
  #skip = 0;
  #seen = -1;
  #aparts: number[] = [];

  constructor(camera: string, video: HTMLVideoElement, access: Access, changed: () => void) {
    this.camera = camera;
    this.#video = video;
    this.#access = access;
    this.#changed = changed;
    this.#watch();
  }

  close(): void {
    this.#loading?.abort();
    this.#opened?.close();
    this.#opened = null;
  }

  /** When the picture on the screen was taken; null before the first. */
  shown(): number | null {
    if (this.#seen < 0 || this.state !== "ready") return null;
    // The browser may leave out telling of the last picture before it stood still.
    const { paused, seeking, currentTime } = this.#video;
    const untold = paused && !seeking ? Math.floor(((currentTime - this.#seen) * 1000) / this.frame_ms + 0.01) : 0;
    return this.#base + this.#seen * 1000 + untold * this.frame_ms;
  }

  /** Whether a picture of the moment can be shown now. */
  has(at: number): boolean {
    return this.#stretches.some(({ start, end }) => start - HOLE_MS <= at && at < end);
  }

  /** Shows the moment, as soon as it is there; `speed` 0 stands still, below 0 runs backward. */
  follow(at: number, speed: number): void {
    this.#wanted = at;
    const keyframes = Math.abs(speed) > FAST || speed < 0;
    if (keyframes !== this.#keyframes) this.#drop(keyframes);
    const video = this.#video;
    if (!this.has(at)) {
      if (!video.paused) video.pause();
      if (this.state !== "gap" || this.next === null || at >= this.next || at < this.#gapFrom) this.#load(at);
      return;
    }
    this.#become("ready");
    const drift = this.#base + video.currentTime * 1000 - at;
    if (speed <= 0) {
      if (!video.paused) video.pause();
      if (Math.abs(drift) > this.frame_ms / 2 && !video.seeking) video.currentTime = this.#media(at);
    } else {
      if (Math.abs(drift) > Math.max(DRIFT_MS, 250 * speed) && !video.seeking) video.currentTime = this.#media(at);
      video.playbackRate = Math.min(16, Math.max(0.0625, speed * (Math.abs(drift) < DRIFT_MS / 4 ? 1 : drift > 0 ? 0.95 : 1.05)));
      if (video.paused) void video.play().catch(() => undefined);
    }
    this.#fill(at, speed);
  }

  #media(at: number): number {
    return Math.max(0, (at - this.#base) / 1000);
  }

  #become(state: FeedState, reason = ""): void {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.#changed();
  }

  #drop(keyframes: boolean): void {
    this.#keyframes = keyframes;
    this.#loading?.abort();
    this.#loading = null;
    this.#stretches = [];
    this.next = null;
    this.#skip = 0;
    this.#become("loading");
    const appender = this.#appender;
    if (appender) void appender.remove(0, Infinity).catch(() => undefined);
  }

  /** Fetches on before what is there ends, and lets go of what lies far behind. */
  #fill(at: number, speed: number): void {
    const here = this.#stretches.find(({ start, end }) => start - HOLE_MS <= at && at < end);
    if (!here || this.#loading) return;
    const room = AHEAD_MS * Math.max(1, Math.abs(speed));
    if (speed < 0) {
      if (at - here.start < room) this.#load(here.start - (KEYFRAMES_S - 1) * 1000);
    } else if (here.end - at < room && this.next === null) this.#load(here.end + this.#skip);
    const old = at - BEHIND_MS * Math.max(1, Math.abs(speed));
    if (speed >= 0 && here.start < old - BEHIND_MS) {
      here.start = old;
      void this.#appender?.remove(0, this.#media(old)).catch(() => undefined);
    }
  }

  #load(at: number): void {
    if (Date.now() < this.#retryAt && Math.abs(this.#asked - at) < 2_000) return;
    if (this.#loading) {
      if (this.has(this.#wanted)) return;
      if (Math.abs(this.#asked - at) < 2_000) return;
      this.#loading.abort();
    }
    const control = new AbortController();
    this.#loading = control;
    this.#asked = at;
    if (!this.has(this.#wanted)) this.#become("loading");
    const most = this.#keyframes ? KEYFRAMES_S : PIECE_S;
    this.#access.piece(this.camera, at, this.#keyframes, most, control.signal)
      .then((piece) => this.#take(piece, control))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        this.#loading = null;
        const known = error instanceof ProblemError ? error : null;
        this.#retryAt = Date.now() + RETRY_MS;
        if (known?.status === 404) this.#gap(at, null);
        else this.#become("failed", known?.message ?? String(error));
      });
  }

  #gap(from: number, next: number | null): void {
    this.#gapFrom = from;
    this.next = next ?? Infinity;
    if (!this.has(this.#wanted)) this.#become("gap");
  }

  async #take(piece: Piece, control: AbortController): Promise<void> {
    const over = (): boolean => control.signal.aborted;
    this.note = piece.note;
    if (!plays(piece.mime)) throw new Error(piece.mime || "no type");
    const appender = await this.#ready(piece);
    if (over()) return;
    const first = firstTime(piece.bytes) ?? 0;
    await appender.append(piece.bytes, piece.mime, (piece.start - this.#base) / 1000 - first);
    if (over()) return;
    this.#loading = null;
    this.#goOn(piece);
    const wanted = this.#wanted;
    this.next = null;
    if (piece.next !== null && piece.next - piece.end > HOLE_MS) {
      this.#gapFrom = piece.end;
      this.next = piece.next;
    }
    if (this.has(wanted)) {
      if (this.state !== "ready") this.#video.currentTime = this.#media(Math.max(wanted, piece.start));
      this.#become("ready");
    } else if (piece.start > wanted) {
      this.#gap(wanted, piece.start);
    } else if (this.next !== null) this.#become("gap");
    this.#changed();
  }

  async #ready(piece: Piece): Promise<Appender> {
    if (this.#appender && piece.start > this.#base) return this.#appender;
    this.#opened?.close();
    this.#stretches = [];
    this.#base = piece.start - 90 * DAY;
    this.#opened = openSource(this.#video);
    const source = await this.#opened.source;
    this.#appender = new Appender(source, piece.mime);
    source.duration = (200 * DAY) / 1000;
    return this.#appender;
  }

  /** Where a piece brings nothing new, the next is asked for a little farther on. */
  #goOn(piece: Piece): void {
    const before = this.#stretches.find(({ start, end }) => start <= piece.start && piece.end <= end + 20);
    this.#skip = before ? Math.min(MOST_SKIPPED_MS, Math.max(500, this.#skip * 2)) : 0;
    this.#remember(piece);
  }

  #remember({ start, end }: Stretch): void {
    const merged: Stretch = { start, end };
    const apart: Stretch[] = [];
    for (const each of this.#stretches) {
      if (each.end < merged.start - HOLE_MS || each.start > merged.end + HOLE_MS) apart.push(each);
      else {
        merged.start = Math.min(merged.start, each.start);
        merged.end = Math.max(merged.end, each.end);
      }
    }
    this.#stretches = [...apart, merged];
  }

  /** Learns how far pictures are apart from those that are shown. */
  #watch(): void {
    const seen = (_: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
      const apart = (mediaTime - this.#seen) * 1000;
      if (!this.#keyframes && apart > 5 && apart < 250) {
        this.#aparts = [...this.#aparts.slice(-8), apart];
        this.frame_ms = Math.min(...this.#aparts); // pictures that were left out only make it longer
      }
      this.#seen = mediaTime;
      this.#video.requestVideoFrameCallback(seen);
    };
    if ("requestVideoFrameCallback" in this.#video) this.#video.requestVideoFrameCallback(seen);
  }
}
