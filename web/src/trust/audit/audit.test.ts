import { generateKeyPairSync, sign, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromBase64, hex, joined, toBase64, utf8, type Bytes } from "../../kernel/bytes";
import { includes, leafHash, nodeHash } from "./merkle";
import { openCheckpoint, parseKey } from "./notes";
import { check, factsOf } from "./proof";

async function root(leaves: Bytes[]): Promise<Bytes> {
  const [only] = leaves;
  if (only && leaves.length === 1) return only;
  const middle = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(await root(leaves.slice(0, middle)), await root(leaves.slice(middle)));
}
async function path(index: number, leaves: Bytes[]): Promise<Bytes[]> {
  if (leaves.length === 1) return [];
  const middle = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return index < middle
    ? [...await path(index, leaves.slice(0, middle)), await root(leaves.slice(middle))]
    : [...await path(index - middle, leaves.slice(middle)), await root(leaves.slice(0, middle))];
}

const texts = Array.from({ length: 13 }, (_, index) => `{"action":"search_reads","actor":"account:${index}"}`);
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const raw = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
const keyed = joined(new Uint8Array([1]), raw);
const id = new Uint8Array(createHash("sha256").update("amaan/test\n").update(keyed).digest().subarray(0, 4));
const KEY = `amaan/test+${hex(id)}+${toBase64(keyed)}`;

async function note(size: number): Promise<string> {
  const leaves = await Promise.all(texts.slice(0, size).map((text) => leafHash(utf8(text))));
  const text = `amaan/test\n${size}\n${toBase64(await root(leaves))}\n`;
  return `${text}\n— amaan/test ${toBase64(joined(id, new Uint8Array(sign(null, Buffer.from(text), privateKey))))}\n`;
}
async function proofOf(position: number, size = texts.length) {
  const leaves = await Promise.all(texts.slice(0, size).map((text) => leafHash(utf8(text))));
  return { position, proof: (await path(position, leaves)).map(toBase64), checkpoint: await note(size) };
}
const entry = (position: number) => ({ position, leaf: texts[position] ?? "" });

describe("the proof of an entry", () => {
  it.each([1, 2, 3, 7, 8, 13])("is good for every entry of a log of %d", async (size) => {
    for (let position = 0; position < size; position += 1) {
      expect(await check(entry(position), await proofOf(position, size), KEY)).toMatchObject({ path: true, signed: "good", size });
    }
  });

  it("fails for a changed entry, a moved one and another's path", async () => {
    const proof = await proofOf(5);
    expect((await check({ position: 5, leaf: `${texts[5] ?? ""} ` }, proof, KEY)).path).toBe(false);
    expect((await check({ ...entry(5), position: 4 }, proof, KEY)).path).toBe(false);
    expect((await check(entry(5), { ...proof, proof: (await proofOf(4)).proof }, KEY)).path).toBe(false);
    expect((await check(entry(5), { ...proof, proof: proof.proof.slice(1) }, KEY)).path).toBe(false);
  });

  it("fails for a size that nobody signed", async () => {
    const proof = await proofOf(5);
    const verdict = await check(entry(5), { ...proof, checkpoint: proof.checkpoint.replace("\n13\n", "\n12\n") }, KEY);
    expect(verdict.signed).toBe("bad");
  });

  it("fails for another log's key", async () => {
    const other = KEY.replace("amaan/test", "amaan/other");
    await expect(check(entry(5), await proofOf(5), other)).rejects.toThrow("not its own");
    await expect(openCheckpoint("amaan/else\n1\nAAAA\n\n— amaan/else AAAA\n", await parseKey(KEY))).rejects.toThrow("another log");
  });

  it("takes no index outside the tree", async () => {
    const hash = await leafHash(utf8("x"));
    expect(await includes({ index: 1, size: 1, root: hash }, hash, [])).toBe(false);
    expect(await includes({ index: 0, size: 1, root: hash }, hash, [])).toBe(true);
    expect(fromBase64(toBase64(hash))).toEqual(hash);
  });

  it("shows what the hashed text says", () => {
    expect(factsOf('{"action":"search_reads","details":{"count":3,"plate":"BGC771"}}')).toEqual([
      ["action", "search_reads"], ["details.count", "3"], ["details.plate", "BGC771"],
    ]);
  });
});
