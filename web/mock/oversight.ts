/** Audit, retention, misuse and the public. The log is a real Merkle tree under a real signature. */
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import type { AuditEntry, Finding, Hold, Outcome, PublicRequest, RequestState, SensitivePlace } from "../src/trust/wire";
import { authorities } from "./authorities.ts";
import { at, DAY, given, HOUR, page, problem, send, type Call } from "./kit.ts";
import { accounts, current } from "./people.ts";

const hash = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafHash = (leaf: string): Buffer => hash(Buffer.from([0]), Buffer.from(leaf));
const nodeHash = (left: Buffer, right: Buffer): Buffer => hash(Buffer.from([1]), left, right);
const middleOf = (width: number): number => 2 ** Math.floor(Math.log2(width - 1));
const root = (leaves: Buffer[]): Buffer => leaves.length === 1 ? leaves[0]! : nodeHash(root(leaves.slice(0, middleOf(leaves.length))), root(leaves.slice(middleOf(leaves.length))));
function path(index: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const middle = middleOf(leaves.length);
  return index < middle ? [...path(index, leaves.slice(0, middle)), root(leaves.slice(middle))] : [...path(index - middle, leaves.slice(middle)), root(leaves.slice(0, middle))];
}

const keys = generateKeyPairSync("ed25519");
const keyed = Buffer.concat([Buffer.from([1]), keys.publicKey.export({ format: "der", type: "spki" }).subarray(-32)]);
const ORIGIN = "amaan/mock";
const id = hash(Buffer.from(`${ORIGIN}\n`), keyed).subarray(0, 4);
const KEY = `${ORIGIN}+${id.toString("hex")}+${keyed.toString("base64")}`;

const ACTIONS: [string, string, Outcome, object][] = [
  ["search_reads", "plates.search", "allowed", { plate: "BGC771", case: "FIR 211/2026", purpose: "robbery", count: 5 }], ["get_picture", "plates.search", "allowed", { plate: "BGC771", count: 1 }],
  ["sign_in", "trust.sign_in", "allowed", { method: "totp" }], ["search_reads", "plates.search", "denied", { plate: "AFR420", reason: "authority-needed" }],
  ["acknowledge_alarm", "alarms.decide", "allowed", { reason: "All characters agree" }], ["request_authority", "trust.request_authority", "begun", { case: "FIR 214/2026", purpose: "hit_and_run" }],
  ["export_entries", "plates.export_entries", "allowed", { rows: 118 }],
];
const entries: AuditEntry[] = Array.from({ length: 240 }, (_, position) => {
  const [action, permission, outcome, details] = ACTIONS[(position * 5) % ACTIONS.length]!;
  const who = accounts[position % 4]!;
  const record = {
    action, actor: `account:${who.id}`, address: "10.20.1.14", at: at((240 - position) * 190_000), authority: outcome === "allowed" ? authorities[0]!.id : undefined, details, method: "GET",
    outcome, path: "/api/plates/reads", permission, status: outcome === "denied" ? 403 : 200, username: who.username,
  };
  const leaf = JSON.stringify(record);
  return { ...record, position, leaf, leaf_hash: leafHash(leaf).toString("hex"), session: null, request: null, late: position === 200, authority: record.authority ?? null, details: details as Record<string, unknown> };
});
const SIGNED = 236;
const leaves = entries.slice(0, SIGNED).map(({ leaf }) => leafHash(leaf));
const text = `${ORIGIN}\n${String(SIGNED)}\n${root(leaves).toString("base64")}\n`;
const CHECKPOINT = `${text}\n— ${ORIGIN} ${Buffer.concat([id, sign(null, Buffer.from(text), keys.privateKey)]).toString("base64")}\n`;

export function auditRoom({ response, path: parts, url }: Call): boolean {
  if (parts[1] !== "audit") return false;
  const asked = (name: string): string => url.searchParams.get(name) ?? "";
  if (parts[2] === "status") {
    send(response, { size: entries.length, checkpoint: { size: SIGNED, root: root(leaves).toString("base64"), at: at(21_000) }, witnesses: [{ name: "court/8f3a", size: 231, at: at(HOUR) }, { name: "ombudsman/1c2d", size: null, at: null }], late: 0, state: "ok", reason: null, key: KEY });
  } else if (parts[4] === "proof") {
    const position = Number(parts[3]);
    if (position >= SIGNED) problem(response, 409, "not-signed-yet", "No signed checkpoint reaches this far yet");
    else send(response, { position, leaf_hash: "", size: SIGNED, proof: path(position, leaves).map((each) => each.toString("base64")), checkpoint: CHECKPOINT });
  } else {
    const found = entries.filter((each) => (!asked("actor") || each.username === asked("actor")) && (!asked("action") || each.action === asked("action")) && (!asked("outcome") || each.outcome === asked("outcome"))
      && (!asked("plate") || each.details["plate"] === asked("plate").toUpperCase()) && (!asked("authority") || each.authority === asked("authority")));
    send(response, page(found.reverse(), url));
  }
  return true;
}

const classes = [
  ["reads", 30, 1, 90, "Plate reads that matched no entry, their pictures and plates."], ["hits", 365, 30, 1825, "Plate reads that matched a hot-list entry, and their pictures."],
  ["clips", 30, 1, 365, "Recordings cut out for alarms. The alarm stays and says so."], ["alarms", 365, 30, 1825, "Alarms with their decisions."], ["sessions", 90, 30, 365, "Ended sign-ins: when, from where."],
  ["documents", 2555, 365, 7300, "Papers behind authorities, counted from the authority's end."], ["audit", 2555, 2555, 36500, "The audit log. Not the nightly run's: a log without its beginning proves nothing."],
].map(([name, days, least, most, about]) => ({ name, days, least, most, about, held: ["reads", "hits", "clips"].includes(String(name)) }));
const receipts = Array.from({ length: 14 }, (_, index) => ({
  id: randomUUID(), number: 14 - index, name: index % 3 ? "reads" : "clips", things: index % 3 ? "reads" : "clips", at: at(index * DAY), since: at((31 + index) * DAY), until: at((30 + index) * DAY), removed: 48_211 - index * 731, kept: index % 4,
  digest: createHash("sha256").update(String(index)).digest("hex"), partitions: [`reads_p2026_10_${String(20 - index)}`], blobs: 96_000, blob_bytes: 5_400_000_000,
}));
const holds: Hold[] = [0, 1, 2].map((index) => ({
  id: randomUUID(), authority: authorities[0]!.id, case_ref: `FIR ${String(212 + index)}/2026`, reason: "The defence asked for the recordings.", scope: { plates: index === 1 ? null : ["BGC771"], plate_count: index === 1 ? 2 : 1, cameras: index === 1 ? null : ["SD-01-A"], since: at(9 * DAY), until: at(8 * DAY) },
  review_at: at(index === 0 ? DAY : -20 * DAY), overdue: index === 0, placed_at: at(12 * DAY), placed_by: index === 1 ? "investigator" : "supervisor", released_at: index === 2 ? at(DAY) : null, released_by: index === 2 ? "approver" : null, release_reason: index === 2 ? "Case closed" : null, reviews: [],
}));

export function retentionRoom({ request, response, path: parts, url, body }: Call): boolean {
  if (parts[1] === "retention") {
    const receipt = receipts.find((each) => each.id === parts[3]);
    const found = classes.find((each) => each.name === parts[2]);
    if (receipt) send(response, { ...receipt, signed_note: `${ORIGIN}/receipts\n${JSON.stringify(receipt)}\n\n— ${ORIGIN} ${KEY.slice(-40)}\n` });
    else if (parts[2] === "receipts") send(response, page(receipts, url));
    else if (request.method === "PATCH" && found) send(response, Object.assign(found, { days: given<{ days: number }>(body).days }));
    else send(response, { items: classes, next_cursor: null });
    return true;
  }
  if (parts[1] !== "holds") return false;
  const hold = holds.find((each) => each.id === parts[2]);
  if (request.method === "GET") send(response, page(holds, url));
  else if (!hold) {
    const draft = given<Hold>(body);
    holds.unshift({ ...holds[0]!, ...draft, id: randomUUID(), overdue: false, scope: { ...draft.scope, plate_count: draft.scope.plates?.length ?? 0 }, placed_by: current()?.account.username ?? "", placed_at: at() });
    send(response, holds[0], 201);
  } else send(response, Object.assign(hold, parts[3] === "release" ? { released_at: at(), released_by: current()?.account.username } : { overdue: false, review_at: given<{ review_at: string }>(body).review_at }));
  return true;
}

const DETECTORS = ["repeated_target", "own_vehicle", "lone_after_hours", "copied_reasons", "sensitive_place", "bulk_export"];
const findings: Finding[] = DETECTORS.map((detector, index) => ({
  id: randomUUID(), detector, account: accounts[index % 3]!.id, username: accounts[index % 3]!.username, subject: index % 2 ? "BGC771" : "night of 2026-11-20", since: at(3 * DAY), until: at(2 * DAY),
  explanation: "Eleven searches for one plate in two nights, none of which led to an alarm or a report.", evidence: [3, 9, 14, 15, 77], found_at: at(index * 8 * HOUR), decision: index === 4 ? "explained" : null, note: index === 4 ? "Protest marshal's car, named in the order." : "", reviewed_at: null,
}));
const places: SensitivePlace[] = [{ id: randomUUID(), name: "Memon Masjid", kind: "worship", bounds: [67, 24.84, 67.01, 24.85], circle: null, from: at(DAY), to: at(-7 * DAY) }];

export function misuseRoom({ request, response, path: parts, url, body }: Call): boolean {
  if (parts[1] === "findings") {
    const found = findings.find((each) => each.id === parts[2]);
    const state = url.searchParams.get("state");
    if (!found) send(response, page(findings.filter((each) => state === "all" || (each.decision === null) === (state === "open")), url));
    else if (request.method === "POST") send(response, Object.assign(found, given<object>(body), { reviewed_at: at() }));
    else send(response, { ...found, entries: found.evidence.map((position) => entries[position]) });
    return true;
  }
  if (parts[1] === "shifts") { send(response, { accepted: 41, rejected_count: 1, rejected: [{ line: 7, column: "end", reason: "ends before it begins", row: "operator,2026-11-02T20:00Z,2026-11-02T08:00Z" }] }); return true; }
  if (parts[3] === "vehicles") { send(response, request.method === "PUT" ? given<object>(body) : { own: ["AKX112"], household: [] }); return true; }
  if (parts[1] !== "sensitive-places") return false;
  if (request.method === "POST") places.push({ ...given<SensitivePlace>(body), id: randomUUID(), circle: null });
  if (request.method === "DELETE") places.splice(0, 1);
  send(response, request.method === "GET" ? { items: places } : places.at(-1), request.method === "DELETE" ? 204 : 200);
  return true;
}

const STATES: RequestState[] = ["received", "verified", "answered", "appealed"];
const requests: PublicRequest[] = STATES.map((state, index) => ({
  id: randomUUID(), reference: `R-2026-${String(40 + index)}`, kind: index % 2 ? "complaint" : "access", state, plate: index % 2 ? null : "AKX112", text: "I want to know whether my car was looked for, by whom and why.", received_at: at((12 + index * 9) * DAY),
  due_at: at((index === 1 ? 2 : -18) * DAY), overdue: index === 1, answered_by: state === "appealed" ? "x" : null, name: ["Asma Tariq", "Rashid Mehmood", "Sadia Baloch", "Yusuf Memon"][index]!, contact: "0300-1234567",
  history: STATES.slice(0, index + 1).map((each, step) => ({ at: at((12 + index * 9 - step) * DAY), by: "x", state: each, text: "Shown CNIC at the counter." })),
}));
const figures = (names: string[], columns?: string[]): unknown => {
  const figure = (seed: number): object => (seed % 5 === 3 ? { n: null, at_least: (seed % 4) * 20 } : { n: (seed * 37) % 900 });
  return columns
    ? { rows: Object.fromEntries(names.map((name, row) => [name, Object.fromEntries(columns.map((column, index) => [column, figure(row * 3 + index)]))])), totals: Object.fromEntries(columns.map((column, index) => [column, figure(index + 4)])) }
    : { rows: Object.fromEntries(names.map((name, row) => [name, figure(row + 1)])), total: { n: null, at_least: 2410 } };
};
const PURPOSES = ["stolen_vehicle", "wanted_vehicle", "warrant", "missing_person", "kidnapping", "terrorism", "hit_and_run", "robbery", "other"];

export function publicRoom({ request, response, path: parts, url, body }: Call): boolean {
  if (parts[1] === "report") {
    const tables = {
      searches: figures(PURPOSES), denials: figures(["searches", "plates", "video", "alarms", "city", "trust", "other"]), hot_list: figures(["added", "ended"]), hits: figures(["confirmed", "rejected"]),
      deletions: figures(["reads", "clips", "alarms", "other"]), misuse: figures(["found", "explained", "referred"]), authorities: figures(PURPOSES, ["requested", "declared", "active", "refused", "revoked", "withdrawn", "expired", "sealed"]),
      requests: figures(["access", "complaint"], ["received", "verified", "answered", "refused", "appealed", "upheld", "dismissed"]),
    };
    send(response, { form: "amaan-transparency-report/1", from: url.searchParams.get("from"), to: url.searchParams.get("to"), log: { size: SIGNED, root: root(leaves).toString("base64") }, suppressed_below: 10, tables });
    return true;
  }
  if (parts[1] !== "requests" && parts[1] !== "appeals") return false;
  const found = requests.find((each) => each.id === parts[2]);
  const state = url.searchParams.get("state") ?? "all";
  if (request.method === "POST" && !parts[2]) {
    requests.unshift({ ...requests[0]!, ...given<PublicRequest>(body), id: randomUUID(), reference: "R-2026-99", state: "received", overdue: false, received_at: at() });
    send(response, requests[0], 201);
  } else if (request.method === "POST" && found) {
    const next = ({ verify: "verified", answer: "answered", refuse: "refused", appeal: "appealed", decide: given<{ outcome: RequestState }>(body).outcome } as Record<string, RequestState>)[parts[3] ?? ""]!;
    send(response, Object.assign(found, { state: next, history: [...found.history, { at: at(), by: "x", state: next, text: given<{ text: string }>(body).text }] }));
  } else send(response, found ?? page(requests.filter((each) => (parts[1] === "appeals" ? each.state === "appealed" : state === "all" || each.state === state)), url));
  return true;
}
