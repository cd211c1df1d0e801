/** What hangs on the wall: how many tiles, which camera in each, and arrangements kept by name. */

export const SIZES = [1, 4, 9, 16] as const;
export type Size = (typeof SIZES)[number];
export type Tiles = readonly (string | null)[];

export interface Arrangement {
  size: Size;
  tiles: Tiles;
}
export interface SavedArrangement extends Arrangement {
  name: string;
}
export interface Wall extends Arrangement {
  saved: readonly SavedArrangement[];
}

const KEY = "amaan.wall";
const NAME_LENGTH = 40;
const SAVED_MOST = 30;
const CODE_LENGTH = 64;

const isSize = (value: unknown): value is Size => SIZES.some((size) => size === value);

function fitted(tiles: readonly unknown[], size: Size): Tiles {
  return Array.from({ length: size }, (_, index) => {
    const code = tiles[index];
    return typeof code === "string" && code.length > 0 && code.length <= CODE_LENGTH ? code : null;
  });
}

function arrangement(given: unknown): Arrangement | null {
  if (typeof given !== "object" || given === null) return null;
  const { size, tiles } = given as { size?: unknown; tiles?: unknown };
  if (!isSize(size) || !Array.isArray(tiles)) return null;
  return { size, tiles: fitted(tiles, size) };
}

/** Reads what was stored; anything odd is as if it were not there. */
export function readWall(text: string | null): Wall {
  let given: unknown = null;
  try {
    given = JSON.parse(text ?? "null");
  } catch {
    given = null;
  }
  const found = arrangement(given) ?? { size: 4, tiles: fitted([], 4) };
  const saved = (given as { saved?: unknown } | null)?.saved;
  const kept = (Array.isArray(saved) ? saved : []).flatMap((one: unknown): SavedArrangement[] => {
    const name = (one as { name?: unknown } | null)?.name;
    const inner = arrangement(one);
    return inner && typeof name === "string" && name ? [{ ...inner, name: name.slice(0, NAME_LENGTH) }] : [];
  });
  return { ...found, saved: kept.slice(0, SAVED_MOST) };
}

export function loadWall(): Wall {
  try {
    return readWall(localStorage.getItem(KEY));
  } catch {
    return readWall(null);
  }
}

export function storeWall(wall: Wall): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(wall));
  } catch {
    // A browser that stores nothing still obeys until the page is closed.
  }
}

/** With more or fewer tiles; cameras move up before any is left out. */
export function resized(wall: Wall, size: Size): Wall {
  const tiles = wall.tiles.length > size ? wall.tiles.filter((code) => code !== null) : wall.tiles;
  return { ...wall, size, tiles: fitted(tiles, size) };
}

/** With a camera in a tile; one that hangs elsewhere changes places. */
export function placed(wall: Wall, index: number, code: string | null): Wall {
  const tiles = [...wall.tiles];
  const before = code === null ? -1 : tiles.indexOf(code);
  if (before >= 0) tiles[before] = tiles[index] ?? null;
  tiles[index] = code;
  return { ...wall, tiles };
}

/** With a camera in the chosen tile if that is free, else the first free one, else the chosen. */
export function hung(wall: Wall, code: string, chosen: number): Wall {
  if (wall.tiles.includes(code)) return wall;
  const free = wall.tiles[chosen] === null ? chosen : wall.tiles.indexOf(null);
  return placed(wall, free >= 0 ? free : chosen, code);
}

/** With several cameras, on as few tiles as hold them. */
export function showing(wall: Wall, codes: readonly string[]): Wall {
  const size = SIZES.find((each) => each >= codes.length) ?? 16;
  return { ...wall, size, tiles: fitted(codes, size) };
}

export function saved(wall: Wall, name: string): Wall {
  const called = name.trim().slice(0, NAME_LENGTH);
  if (!called) return wall;
  const others = wall.saved.filter((one) => one.name !== called);
  return { ...wall, saved: [...others, { name: called, size: wall.size, tiles: wall.tiles }].slice(-SAVED_MOST) };
}

export function recalled(wall: Wall, name: string): Wall {
  const found = wall.saved.find((one) => one.name === name);
  return found ? { ...wall, size: found.size, tiles: found.tiles } : wall;
}

export function forgotten(wall: Wall, name: string): Wall {
  return { ...wall, saved: wall.saved.filter((one) => one.name !== name) };
}
