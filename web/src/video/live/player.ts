import { ask, ProblemError } from "../../kernel/http";
import { HlsPlay } from "./hls";
import { readPiece } from "./pieces";
import { canBeFed, Pipe, plays } from "./pipe";
import type { LiveView, Said, Stream, Way } from "./wire";

/** A picture older than this is not shown as live. */
export const STALE_MS = 3000;
const FIRST_RETRY_MS = 800;
const LAST_RETRY_MS = 10_000;
const TICK_MS = 250;
const AGE_STEP_MS = 500;
const PICTURE = "image/jpeg";
/** Answers that waiting does not change. */
const FINAL = new Set([401, 403, 404, 422]);

export type LiveState = "connecting" | "live" | "stale" | "waiting" | "ended";

export interface LiveStatus {
  state: LiveState;
  /** Why, in the centre's words, or the code of one of ours. */
  reason: string;
  /** How old the picture on the screen is; null before the first. */
  age_ms: number | null;
  /** What is shown now; the main stream gives way where the browser cannot play it. */
  stream: Stream;
  way: Way | "pictures";
  fellBack: boolean;
}

export interface LiveWish {
  camera: string;
  stream: Stream;
  incident?: string | undefined;
}

/** By a query (?live=hls), by a preference (amaan.live), else by what the browser can. */
export function chosenWay(): Way {
  const asked = new URLSearchParams(location.search).get("live") ?? localStorage.getItem("amaan.live");
  return asked === "hls" || !canBeFed() ? "hls" : "mse";
}

type Showing = Pipe | HlsPlay;

/** One camera on one screen: opens, shows, comes back after a break, and never passes an old picture off as new. */
export class LivePlayer {
  private showing: Showing | undefined;
  private socket: WebSocket | undefined;
  private view: LiveView | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly tick: ReturnType<typeof setInterval>;
  private wait_ms = FIRST_RETRY_MS;
  private clock_ms = 0;
  private pictureAt: number | null = null;
  private pictureUrl = "";
  private told = "";
  private reason = "";
  private ended = false;
  private closed = false;
  private turn = 0;
  private fellBack = false;
  private stream: Stream;
  private way: LiveStatus["way"];

  private readonly video: HTMLVideoElement;
  private readonly image: HTMLImageElement;
  private readonly wish: LiveWish;
  private readonly onStatus: (status: LiveStatus) => void;

  constructor(video: HTMLVideoElement, image: HTMLImageElement, wish: LiveWish, onStatus: (status: LiveStatus) => void) {
    this.video = video;
    this.image = image;
    this.wish = wish;
    this.onStatus = onStatus;
    this.stream = wish.stream;
    this.way = chosenWay();
    this.tick = setInterval(this.look, TICK_MS);
    void this.open();
  }

  /** When the picture on the screen was taken, in milliseconds of the centre's clock; null: there is none. */
  shownAt(): number | null {
    return this.way === "pictures" ? this.pictureAt : (this.showing?.observed() ?? null);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.tick);
    clearTimeout(this.retry);
    this.hangUp();
  }

  private async open(): Promise<void> {
    const turn = (this.turn += 1);
    const kind = this.way === "hls" ? "hls" : "mse";
    const { camera, incident } = this.wish;
    try {
      const asked_at = Date.now();
      const view = await ask<LiveView>("/api/video/live", { method: "POST", json: { camera, stream: this.stream, kind, incident } });
      if (this.closed || turn !== this.turn) {
        if (view.playlist) void ask(`/api/video/live/${view.id}`, { method: "DELETE" }).catch(() => undefined);
        return;
      }
      this.clock_ms = new Date(view.now).getTime() - (asked_at + Date.now()) / 2;
      this.view = view;
      if (view.playlist) this.showing = new HlsPlay(this.video, view.playlist, () => this.again("broken"));
      else if (view.socket) this.listen(view.socket);
    } catch (error) {
      if (this.closed || turn !== this.turn) return;
      const problem = error instanceof ProblemError ? error : undefined;
      if (problem && FINAL.has(problem.status)) this.end(problem.status === 403 ? "not-permitted" : problem.message);
      else this.again(problem?.problem.code === "unreachable" ? "unreachable" : (problem?.message ?? "broken"));
    }
  }

  private listen(path: string): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") this.hear(JSON.parse(data) as Said);
      else this.take(data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.again(this.reason || "broken");
    };
  }

  private hear(said: Said): void {
    if (said.type === "format") this.begin(said.mime);
    else if (said.type === "state") this.reason = said.reason;
    else if (said.type === "ended") {
      if (said.again) this.reason = said.reason;
      else this.end(said.reason);
    }
  }

  private begin(mime: string): void {
    this.showing?.close();
    this.showing = undefined;
    this.forgetPicture();
    if (mime === PICTURE) {
      this.way = "pictures";
      return;
    }
    this.way = "mse";
    if (plays(mime)) {
      this.showing = new Pipe(this.video, mime, () => this.again("broken"));
      return;
    }
    if (this.stream === "main") {
      this.stream = "sub";
      this.fellBack = true;
      this.hangUp();
      void this.open();
    } else this.end("codec");
  }

  private take(message: ArrayBuffer): void {
    const piece = readPiece(message);
    if (piece.observed_ms > 0) {
      this.wait_ms = FIRST_RETRY_MS;
      this.reason = "";
    }
    if (this.showing instanceof Pipe) this.showing.put(piece);
    else if (this.way === "pictures") {
      const url = URL.createObjectURL(new Blob([piece.data], { type: PICTURE }));
      const before = this.pictureUrl;
      this.pictureUrl = url;
      this.image.onload = this.image.onerror = () => URL.revokeObjectURL(before);
      this.image.src = url;
      this.pictureAt = piece.observed_ms;
    }
  }

  private again(reason: string): void {
    if (this.closed || this.ended) return;
    this.hangUp();
    this.reason = reason;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.open(), this.wait_ms * (0.5 + Math.random() / 2));
    this.wait_ms = Math.min(LAST_RETRY_MS, this.wait_ms * 2);
    this.look();
  }

  private end(reason: string): void {
    this.ended = true;
    this.hangUp();
    this.reason = reason;
    this.look();
  }

  private hangUp(): void {
    this.turn += 1;
    const { socket, view } = this;
    this.socket = undefined;
    this.view = undefined;
    socket?.close();
    this.showing?.close();
    this.showing = undefined;
    this.forgetPicture();
    if (view?.playlist) void ask(`/api/video/live/${view.id}`, { method: "DELETE" }).catch(() => undefined);
  }

  private forgetPicture(): void {
    this.pictureAt = null;
    this.image.removeAttribute("src");
    if (this.pictureUrl) URL.revokeObjectURL(this.pictureUrl);
    this.pictureUrl = "";
  }

  private readonly look = (): void => {
    this.showing?.keepUp();
    const at = this.shownAt();
    const age_ms = at === null ? null : Math.max(0, Date.now() + this.clock_ms - at);
    const status: LiveStatus = {
      state: this.stateAt(age_ms), reason: this.reason, stream: this.stream, way: this.way, fellBack: this.fellBack,
      age_ms: age_ms === null ? null : Math.round(age_ms / AGE_STEP_MS) * AGE_STEP_MS,
    };
    const told = JSON.stringify(status);
    if (told === this.told) return;
    this.told = told;
    this.onStatus(status);
  };

  private stateAt(age_ms: number | null): LiveState {
    if (this.ended) return "ended";
    if (age_ms === null) return this.reason ? "waiting" : "connecting";
    const allowed_ms = this.way === "hls" ? STALE_MS * 4 : STALE_MS;
    return age_ms > allowed_ms ? "stale" : "live";
  }
}
