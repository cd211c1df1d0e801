import { ask, problemOf, query } from "../../kernel/http";
import { HOUR } from "./span";
import type { Opened } from "./wire";

const OPENED = 2 * HOUR;

export interface Piece {
  /** Unix milliseconds. */
  start: number;
  end: number;
  next: number | null;
  mime: string;
  note: string;
  bytes: ArrayBuffer;
}

const iso = (at: number): string => new Date(at).toISOString();

/** Fetches what was recorded. Opens it first, two hours at a time: each opening is in the audit log. */
export class Access {
  readonly #grants = new Map<string, Promise<Opened>>();
  readonly #cameras: string[];

  constructor(cameras: string[]) {
    this.#cameras = cameras;
  }

  async piece(camera: string, at: number, keyframes: boolean, most_s: number, signal: AbortSignal): Promise<Piece> {
    const response = await this.#get(camera, "piece", at, { keyframes: String(keyframes), most_s }, signal);
    const moment = (name: string): number => new Date(response.headers.get(name) ?? "").getTime();
    const next = response.headers.get("amaan-next");
    return {
      start: moment("amaan-start"), end: moment("amaan-end"), next: next ? new Date(next).getTime() : null,
      mime: response.headers.get("amaan-mime") ?? "", note: response.headers.get("amaan-note") ?? "", bytes: await response.arrayBuffer(),
    };
  }

  /** The keyframe nearest to a moment, and when it was taken. */
  async thumbnail(camera: string, at: number, width: number, signal: AbortSignal): Promise<{ taken: number; picture: Blob }> {
    const response = await this.#get(camera, "thumbnail", at, { width }, signal);
    return { taken: new Date(response.headers.get("amaan-start") ?? "").getTime(), picture: await response.blob() };
  }

  async #get(camera: string, what: string, at: number, more: Record<string, string | number>, signal: AbortSignal): Promise<Response> {
    for (let again = false; ; again = true) {
      const grant = await this.#opened(at);
      signal.throwIfAborted();
      const path = `/api/video/playback/${encodeURIComponent(camera)}/${what}${query({ grant: grant.id, at: iso(at), ...more })}`;
      const response = await fetch(path, { credentials: "same-origin", signal });
      if (response.ok) return response;
      const problem = await problemOf(response);
      if (problem.problem.code !== "playback-not-granted" || again) throw problem;
      this.#grants.clear(); // it lay unused for too long, or the centre began anew
    }
  }

  #opened(at: number): Promise<Opened> {
    const from = Math.floor(at / OPENED) * OPENED;
    const key = String(from);
    let opened = this.#grants.get(key);
    if (!opened) {
      opened = ask<Opened>("/api/video/playback", { method: "POST", json: { cameras: this.#cameras, from: iso(from), to: iso(from + OPENED) } });
      opened.catch(() => this.#grants.delete(key));
      this.#grants.set(key, opened);
    }
    return opened;
  }
}
