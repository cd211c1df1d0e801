/** RFC 9162, 2.1.3.2: whether a leaf stands at a place of a tree. */
import { joined, sameBytes, sha256, type Bytes } from "../../kernel/bytes";

export const leafHash = (leaf: Bytes): Promise<Bytes> => sha256(joined(new Uint8Array([0]), leaf));
export const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(new Uint8Array([1]), left, right));

export interface Place {
  index: number;
  /** Of the tree; like the root from signed bytes. */
  size: number;
  root: Bytes;
}

/** Halving with plain numbers: positions may need more than 32 bits. */
const half = (value: number): number => Math.floor(value / 2);

export async function includes({ index, size, root }: Place, leaf: Bytes, proof: Bytes[]): Promise<boolean> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [place, last, result] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      result = await nodeHash(sibling, result);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else result = await nodeHash(result, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && sameBytes(result, root);
}
