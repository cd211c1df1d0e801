import { useEffect, useState } from "react";
import type { Access } from "./access";

const REST_MS = 140;
const GRID_MS = 2_000;
const KEPT = 80;

export interface SmallPicture {
  address: string;
  /** When it was taken; Unix milliseconds. */
  taken: number;
}

const pictures = new Map<string, SmallPicture>();

function keep(key: string, picture: SmallPicture): void {
  pictures.set(key, picture);
  const [oldest] = pictures;
  if (pictures.size > KEPT && oldest) {
    URL.revokeObjectURL(oldest[1].address);
    pictures.delete(oldest[0]);
  }
}

/** A small picture near a moment, fetched once the moment rests; null: there is none. */
export function useThumbnail(access: Access, camera: string, at: number, width: number): SmallPicture | null | undefined {
  const moment = Math.round(at / GRID_MS) * GRID_MS;
  const key = `${camera} ${moment} ${width}`;
  const [found, setFound] = useState<{ key: string; picture: SmallPicture | null } | null>(null);
  useEffect(() => {
    if (pictures.has(key)) return;
    const control = new AbortController();
    const timer = setTimeout(() => {
      access.thumbnail(camera, moment, width, control.signal)
        .then(({ taken, picture }) => {
          const small = { taken, address: URL.createObjectURL(picture) };
          keep(key, small);
          setFound({ key, picture: small });
        })
        .catch(() => {
          if (!control.signal.aborted) setFound({ key, picture: null });
        });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [access, camera, moment, width, key]);
  return pictures.get(key) ?? (found?.key === key ? found.picture : undefined);
}
