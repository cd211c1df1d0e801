/** Boxes of fragmented MP4 (ISO/IEC 14496-12), as far as the first picture's time needs them. */
interface Box {
  type: string;
  body: DataView;
}

function* boxes(view: DataView): Generator<Box> {
  let at = 0;
  while (at + 8 <= view.byteLength) {
    let size = view.getUint32(at);
    let head = 8;
    if (size === 1 && at + 16 <= view.byteLength) {
      size = Number(view.getBigUint64(at + 8));
      head = 16;
    } else if (size === 0) size = view.byteLength - at;
    if (size < head || at + size > view.byteLength) return;
    const type = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    yield { type, body: new DataView(view.buffer, view.byteOffset + at + head, size - head) };
    at += size;
  }
}

function find(view: DataView, ...path: string[]): DataView | null {
  const [first, ...rest] = path;
  for (const { type, body } of boxes(view)) {
    if (type === first) return rest.length === 0 ? body : find(body, ...rest);
  }
  return null;
}

/** The number and the timescale of the video track. */
function videoTrack(moov: DataView): { id: number; scale: number } | null {
  for (const { type, body } of boxes(moov)) {
    if (type !== "trak") continue;
    const handler = find(body, "mdia", "hdlr");
    const media = find(body, "mdia", "mdhd");
    const head = find(body, "tkhd");
    if (!handler || !media || !head || handler.getUint32(8) !== 0x76696465) continue; // "vide"
    const id = head.getUint32(head.getUint8(0) === 1 ? 20 : 12);
    return { id, scale: media.getUint32(media.getUint8(0) === 1 ? 20 : 12) };
  }
  return null;
}

/** How much later than its decoding the first sample is shown, in timescale units. */
function firstDelay(run: DataView): number {
  const flags = run.getUint32(0) & 0xffffff;
  if (!(flags & 0x800)) return 0;
  const at = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0) + (flags & 0x100 ? 4 : 0) + (flags & 0x200 ? 4 : 0) + (flags & 0x400 ? 4 : 0);
  return at + 4 <= run.byteLength ? run.getInt32(at) : 0;
}

/** The media time in seconds of the first picture; null where there is none. */
export function firstTime(bytes: ArrayBuffer): number | null {
  const view = new DataView(bytes);
  const moov = find(view, "moov");
  const track = moov && videoTrack(moov);
  if (!track || track.scale === 0) return null;
  for (const moof of boxes(view)) {
    if (moof.type !== "moof") continue;
    for (const { type, body } of boxes(moof.body)) {
      const head = type === "traf" ? find(body, "tfhd") : null;
      if (head?.getUint32(4) !== track.id) continue;
      const time = find(body, "tfdt");
      const run = find(body, "trun");
      if (!time || !run) return null;
      const base = time.getUint8(0) === 1 ? Number(time.getBigUint64(4)) : time.getUint32(4);
      return (base + firstDelay(run)) / track.scale;
    }
  }
  return null;
}
