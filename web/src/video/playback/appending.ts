/** One SourceBuffer, everything done to it strictly in order. */
export class Appender {
  readonly #buffer: SourceBuffer;
  #tail: Promise<void> = Promise.resolve();
  #mime: string;

  constructor(source: MediaSource, mime: string) {
    this.#mime = mime;
    this.#buffer = source.addSourceBuffer(mime);
  }

  get ranges(): TimeRanges {
    return this.#buffer.buffered;
  }

  /** Appends once all before it is done; `offset_s` is added to its media times where given. */
  append(bytes: BufferSource, mime: string = this.#mime, offset_s: number | null = null): Promise<void> {
    return this.#next(() => {
      if (mime !== this.#mime) {
        this.#buffer.changeType(mime);
        this.#mime = mime;
      }
      if (offset_s !== null) this.#buffer.timestampOffset = offset_s;
      this.#buffer.appendBuffer(bytes);
    });
  }

  remove(from_s: number, to_s: number): Promise<void> {
    return this.#next(() => {
      this.#buffer.remove(Math.max(0, from_s), to_s);
    });
  }

  #next(act: () => void): Promise<void> {
    const done = this.#tail.then(() => this.#once(act));
    this.#tail = done.catch(() => undefined);
    return done;
  }

  #once(act: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const buffer = this.#buffer;
      let failed = false;
      const fail = () => {
        failed = true;
      };
      const settle = () => {
        buffer.removeEventListener("updateend", settle);
        buffer.removeEventListener("error", fail);
        if (failed) reject(new Error("the browser could not take the video"));
        else resolve();
      };
      buffer.addEventListener("updateend", settle);
      buffer.addEventListener("error", fail);
      try {
        act();
        if (!buffer.updating) settle(); // nothing to be done
      } catch (error) {
        buffer.removeEventListener("updateend", settle);
        buffer.removeEventListener("error", fail);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}

/** Opens a media source on a video element; `close` lets go of it. */
export function openSource(video: HTMLVideoElement): { source: Promise<MediaSource>; close: () => void } {
  const source = new MediaSource();
  const address = URL.createObjectURL(source);
  const opened = new Promise<MediaSource>((resolve) => {
    source.addEventListener("sourceopen", () => resolve(source), { once: true });
  });
  video.src = address;
  return {
    source: opened,
    close: () => {
      video.removeAttribute("src");
      video.load();
      URL.revokeObjectURL(address);
    },
  };
}
