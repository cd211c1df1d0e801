import { useEffect, useState } from "react";
import type { Access } from "./access";

const REST_MS = 140;
const GRID_MS = 2_000;
const WIDTH = 240;
const KEPT = 80;

const pictures = new Map<string, string>();

function keep(key: string, address: string): void {
  pictures.set(key, address);
  const [oldest] = pictures;
  if (pictures.size > KEPT && oldest) {
    URL.revokeObjectURL(oldest[1]);
    pictures.delete(oldest[0]);
  }
}

/** A small picture of a moment, once the pointer rests there. */
export function Thumbnail({ access, camera, at }: { access: Access; camera: string; at: number }): React.JSX.Element {
  const moment = Math.round(at / GRID_MS) * GRID_MS;
  const key = `${camera} ${moment}`;
  const [shown, setShown] = useState<{ key: string; address: string } | null>(null);
  useEffect(() => {
    if (pictures.has(key)) return;
    const control = new AbortController();
    const timer = setTimeout(() => {
      access.thumbnail(camera, moment, WIDTH, control.signal)
        .then((picture) => {
          const address = URL.createObjectURL(picture);
          keep(key, address);
          setShown({ key, address });
        })
        .catch(() => undefined);
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [access, camera, moment, key]);
  const address = pictures.get(key) ?? (shown?.key === key ? shown.address : undefined);
  return <span className="timeline-thumb">{address !== undefined && <img src={address} alt="" />}</span>;
}
