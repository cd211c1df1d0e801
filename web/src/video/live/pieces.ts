/** Reads what a live socket sends, without copying it. */

const TIMESCALE = 90_000;

export interface LivePiece {
  /** Milliseconds since 1970 at the camera, by the centre's clock; 0 for an initialisation. */
  observed_ms: number;
  data: Uint8Array<ArrayBuffer>;
}

export function readPiece(message: ArrayBuffer): LivePiece {
  const view = new DataView(message);
  return { observed_ms: view.getUint32(0) * 2 ** 32 + view.getUint32(4), data: new Uint8Array(message, 8) };
}

function boxAt(view: DataView, from: number, to: number, wanted: string): [number, number] | null {
  let at = from;
  while (at + 8 <= to) {
    const size = view.getUint32(at);
    const kind = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    if (size < 8 || at + size > to) return null;
    if (kind === wanted) return [at + 8, at + size];
    at += size;
  }
  return null;
}

/** Where a fragment's pictures begin, in seconds of media time; null for what is no fragment. */
export function beginsAt(data: Uint8Array): number | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let range: [number, number] | null = [0, data.byteLength];
  for (const kind of ["moof", "traf", "tfdt"]) {
    range = boxAt(view, range[0], range[1], kind);
    if (range === null) return null;
  }
  const [at, end] = range;
  if (end - at < 8) return null;
  const long = view.getUint8(at) === 1;
  if (long && end - at < 12) return null;
  return (long ? view.getUint32(at + 4) * 2 ** 32 + view.getUint32(at + 8) : view.getUint32(at + 4)) / TIMESCALE;
}
