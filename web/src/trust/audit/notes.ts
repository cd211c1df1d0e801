/** C2SP signed notes and checkpoints, read as strictly as the centre reads them. */
import { fromBase64, hex, joined, sameBytes, sha256, utf8, type Bytes } from "../../kernel/bytes";

const ED25519 = 1;
const KEY_BYTES = 32;

export interface VerifyKey {
  name: string;
  id: Bytes;
  public: Bytes;
}

/** NAME+KEYID+BASE64(kind || key). Throws for anything else, or an id that is not its own. */
export async function parseKey(text: string): Promise<VerifyKey> {
  const [name = "", id = "", ...rest] = text.trim().split("+");
  const raw = fromBase64(rest.join("+"));
  if (name === "" || raw.length !== 1 + KEY_BYTES || raw[0] !== ED25519) throw new Error("no Ed25519 key");
  const own = (await sha256(joined(utf8(`${name}\n`), raw))).slice(0, 4);
  if (hex(own) !== id) throw new Error("the key's id is not its own");
  return { name, id: own, public: raw.slice(1) };
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** "unable": this browser has no Ed25519; the path was checked all the same. */
export type Signed = "good" | "bad" | "unable";

export interface OpenedCheckpoint extends Checkpoint {
  signed: Signed;
}

async function verify(key: VerifyKey, text: string, signature: Bytes): Promise<Signed> {
  try {
    const known = await crypto.subtle.importKey("raw", key.public, { name: "Ed25519" }, false, ["verify"]);
    return (await crypto.subtle.verify({ name: "Ed25519" }, known, signature, utf8(text))) ? "good" : "bad";
  } catch {
    return "unable";
  }
}

/** Reads a note; what it says counts only with the verdict beside it. Throws for what is no checkpoint. */
export async function openCheckpoint(note: string, key: VerifyKey): Promise<OpenedCheckpoint> {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw new Error("no signed note");
  const text = note.slice(0, end + 1);
  const [origin = "", size = "", root = ""] = text.split("\n");
  if (origin !== key.name || !/^(0|[1-9][0-9]{0,15})$/.test(size)) throw new Error("a checkpoint of another log");
  const lines = note.slice(end + 2).trimEnd().split("\n").map((line) => /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line));
  const own = lines.flatMap((line) => (line?.[1] === key.name ? [fromBase64(line[2] ?? "")] : [])).find((raw) => sameBytes(raw.slice(0, 4), key.id));
  const rootBytes = fromBase64(root);
  if (rootBytes.length !== 32) throw new Error("a root has 32 bytes");
  return { origin, size: Number(size), root: rootBytes, signed: own ? await verify(key, text, own.slice(4)) : "bad" };
}
