import type Hls from "hls.js";

/** HLS for browsers that cannot be fed by a socket: hls.js where it works, else the browser's own. */
export class HlsPlay {
  private hls: Hls | undefined;
  private closed = false;

  private readonly video: HTMLVideoElement;
  private readonly playlist: string;
  private readonly onFault: () => void;

  constructor(video: HTMLVideoElement, playlist: string, onFault: () => void) {
    this.video = video;
    this.playlist = playlist;
    this.onFault = onFault;
    void this.open();
  }

  private async open(): Promise<void> {
    const { default: Maker } = await import("hls.js/light");
    if (this.closed) return;
    if (!Maker.isSupported()) {
      this.video.src = this.playlist;
      this.video.addEventListener("error", this.onFault);
      void this.video.play().catch(() => undefined);
      return;
    }
    const hls = new Maker({ enableWorker: false, liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 6, maxLiveSyncPlaybackRate: 1.1, backBufferLength: 8 });
    this.hls = hls;
    hls.on(Maker.Events.ERROR, (_, { fatal }) => {
      if (fatal) this.onFault();
    });
    hls.loadSource(this.playlist);
    hls.attachMedia(this.video);
  }

  keepUp(): void {
    if (!this.closed && this.video.paused && this.video.readyState >= 2) void this.video.play().catch(() => undefined);
  }

  observed(): number | null {
    if (this.hls) return this.hls.playingDate?.getTime() ?? null;
    const own = this.video as HTMLVideoElement & { getStartDate?: () => Date };
    const begun = own.getStartDate?.().getTime();
    return begun === undefined || Number.isNaN(begun) ? null : begun + this.video.currentTime * 1000;
  }

  close(): void {
    this.closed = true;
    this.hls?.destroy();
    this.video.removeEventListener("error", this.onFault);
    this.video.removeAttribute("src");
    this.video.load();
  }
}
