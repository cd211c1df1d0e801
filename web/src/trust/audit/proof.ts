import { fromBase64, utf8 } from "../../kernel/bytes";
import type { AuditEntry, InclusionProof } from "../wire";
import { includes, leafHash } from "./merkle";
import { openCheckpoint, parseKey, type Signed } from "./notes";

export interface Verdict {
  /** The entry's own text leads by the hashes to the signed root. */
  path: boolean;
  signed: Signed;
  size: number;
  /** The key is the one that this browser saw first. */
  sameKey: boolean;
}

const KEY = "amaan.audit-key";

/** Remembers the first key that this browser saw; another one later is said aloud. */
export function isKnownKey(key: string): boolean {
  try {
    const before = localStorage.getItem(KEY);
    if (before === null) localStorage.setItem(KEY, key);
    return before === null || before === key;
  } catch {
    return true;
  }
}

/** All of it here in the browser: nothing that the centre says of itself is taken on trust but its key. */
export async function check(entry: Pick<AuditEntry, "position" | "leaf">, proof: InclusionProof, key: string): Promise<Verdict> {
  const checkpoint = await openCheckpoint(proof.checkpoint, await parseKey(key));
  const { size, root, signed } = checkpoint;
  const path = await includes({ index: entry.position, size, root }, await leafHash(utf8(entry.leaf)), proof.proof.map(fromBase64));
  return { path, signed, size, sameKey: isKnownKey(key) };
}

/** What the hashed text itself says, so that what is shown is what was proven. */
export function factsOf(leaf: string): [string, string][] {
  const { details, ...rest } = JSON.parse(leaf) as Record<string, unknown> & { details?: Record<string, unknown> };
  const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return [...Object.entries(rest), ...Object.entries(details ?? {}).map(([name, value]): [string, unknown] => [`details.${name}`, value])].map(([name, value]) => [name, shown(value)]);
}
