import { beginsAt, type LivePiece } from "./pieces";

/** Behind the newest picture by more than this, the player jumps to it; by more than LATE_S it hurries. */
const JUMP_S = 2.5;
const LATE_S = 0.9;
const ON_TIME_S = 0.45;
const HURRY = 1.12;
const KEPT_S = 8;
const MARKS = 300;
const MOST_WAITING = 400;

interface Mark {
  media_s: number;
  observed_ms: number;
}

type SourceMaker = new () => MediaSource;

function sourceMaker(): SourceMaker | undefined {
  const given = globalThis as { ManagedMediaSource?: SourceMaker; MediaSource?: SourceMaker };
  return given.MediaSource ?? given.ManagedMediaSource;
}

/** Whether this browser can be fed by a socket at all. */
export const canBeFed = (): boolean => sourceMaker() !== undefined && "WebSocket" in globalThis;

/** Whether this browser plays a kind of film; H.265 is not played everywhere. */
export function plays(mime: string): boolean {
  const maker = sourceMaker() as (SourceMaker & { isTypeSupported?: (mime: string) => boolean }) | undefined;
  return maker?.isTypeSupported?.(mime) ?? false;
}

/** Feeds a video element with fragments, strictly in order, and keeps it near the newest. */
export class Pipe {
  private readonly source: MediaSource;
  private readonly address: string;
  private readonly waiting: Uint8Array<ArrayBuffer>[] = [];
  private readonly marks: Mark[] = [];
  private buffer: SourceBuffer | undefined;
  private closed = false;
  private readonly video: HTMLVideoElement;
  private readonly mime: string;
  private readonly onFault: () => void;

  constructor(video: HTMLVideoElement, mime: string, onFault: () => void) {
    this.video = video;
    this.mime = mime;
    this.onFault = onFault;
    const Maker = sourceMaker();
    if (!Maker) throw new Error("this browser cannot be fed");
    this.source = new Maker();
    this.address = URL.createObjectURL(this.source);
    this.source.addEventListener("sourceopen", this.open, { once: true });
    video.disableRemotePlayback = true;
    video.src = this.address;
  }

  put({ observed_ms, data }: LivePiece): void {
    if (this.closed) return;
    if (this.waiting.length >= MOST_WAITING) {
      this.fail();
      return;
    }
    const media_s = observed_ms > 0 ? beginsAt(data) : null;
    if (media_s !== null) {
      this.marks.push({ media_s, observed_ms });
      if (this.marks.length > MARKS) this.marks.splice(0, this.marks.length - MARKS);
    }
    this.waiting.push(data);
    this.pump();
  }

  /** Keeps near the newest picture; call it a few times a second. */
  keepUp(): void {
    const { video } = this;
    const { buffered } = video;
    if (this.closed || buffered.length === 0) return;
    const last = buffered.length - 1;
    const end = buffered.end(last);
    const late_s = end - video.currentTime;
    if (video.currentTime < buffered.start(last) || late_s > JUMP_S) {
      video.currentTime = Math.max(buffered.start(last), end - ON_TIME_S);
      video.playbackRate = 1;
    } else if (late_s > LATE_S) video.playbackRate = HURRY;
    else if (late_s < ON_TIME_S) video.playbackRate = 1;
    if (video.paused) void video.play().catch(() => undefined);
    this.pump();
  }

  /** When the picture on the screen was seen, in milliseconds of the centre's clock. */
  observed(): number | null {
    const at = this.video.currentTime;
    for (let index = this.marks.length - 1; index >= 0; index -= 1) {
      const mark = this.marks[index];
      if (mark && mark.media_s <= at + 0.01) return mark.observed_ms + (at - mark.media_s) * 1000;
    }
    return null;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.waiting.length = 0;
    this.source.removeEventListener("sourceopen", this.open);
    this.buffer?.removeEventListener("updateend", this.pump);
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.address);
  }

  private readonly open = (): void => {
    try {
      this.buffer = this.source.addSourceBuffer(this.mime);
      this.buffer.addEventListener("updateend", this.pump);
      this.buffer.addEventListener("error", this.fail);
      this.pump();
    } catch {
      this.fail();
    }
  };

  private readonly fail = (): void => {
    if (this.closed) return;
    this.close();
    this.onFault();
  };

  private readonly pump = (): void => {
    const { buffer } = this;
    if (this.closed || !buffer || buffer.updating || this.source.readyState !== "open") return;
    const past_s = this.video.currentTime - KEPT_S;
    if (buffer.buffered.length > 0 && buffer.buffered.start(0) < past_s - KEPT_S) {
      buffer.remove(0, past_s);
      return;
    }
    const next = this.waiting[0];
    if (!next) return;
    try {
      buffer.appendBuffer(next);
      this.waiting.shift();
    } catch (error) {
      const full = error instanceof DOMException && error.name === "QuotaExceededError";
      const until_s = this.video.currentTime - 1;
      if (full && buffer.buffered.length > 0 && buffer.buffered.start(0) < until_s) buffer.remove(0, until_s);
      else this.fail();
    }
  };
}
