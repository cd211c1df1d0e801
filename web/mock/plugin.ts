import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import type { Alarm, Entry, Read } from "../src/kernel/wire";
import { authorityRoom, reachOf } from "./authorities.ts";
import { alarms, basemap, cameras, clips, entries, health, makeAlarm, makeRead, reads, scenes, sites, someCamera, somePlate, workers } from "./data.ts";
import { page, problem, send, type Call } from "./kit.ts";
import { auditRoom, misuseRoom, publicRoom, retentionRoom } from "./oversight.ts";
import { administration, current, end, own, signIn } from "./people.ts";
import { draw } from "./pictures.ts";

const streams = new Set<ServerResponse>();
let position = 0;

function tell(event: string, data: unknown): void {
  position += 1;
  streams.forEach((stream) => stream.write(`id: ${position}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
}

const isOpen = (alarm: Alarm): boolean => alarm.state === "raised" || alarm.state === "acknowledged";

function trust(call: Call): void {
  if (own(call) || administration(call) || authorityRoom(call) || auditRoom(call) || retentionRoom(call) || misuseRoom(call) || publicRoom(call)) return;
  problem(call.response, 404, "not-found", "No such thing");
}

function city({ request, response, path, url, body }: Call): void {
  if (path[1] === "basemap") {
    response.writeHead(200, { "Content-Type": "application/geo+json" });
    response.end(basemap());
  } else if (path[1] === "sites") send(response, sites);
  else if (path[2] === "import") send(response, { accepted: 41, rejected: [{ line: 7, column: "address", reason: "scheme 'ftp' is not one of rtsp, http, https, file", row: "CL-07-A,Teen Talwar,CL-07,67.03,24.82,90,ftp://10.0.0.7/x" }] });
  else if (request.method === "GET") send(response, page(cameras, url));
  else send(response, { ...cameras[0], ...(body ? (JSON.parse(body) as object) : {}) });
}

function video({ response, path, url }: Call): void {
  if (path[1] === "cameras") { send(response, { items: health, next_cursor: null }); return; }
  if (path[1] === "workers") { send(response, { items: workers, next_cursor: null }); return; }
  const clip = clips.get(path[2] ?? "");
  if (!clip) { problem(response, 404, "not-found", "No such clip"); return; }
  if (path[3] !== "content") { send(response, clip); return; }
  const file = process.env["AMAAN_MOCK_CLIP"];
  if (!file) { problem(response, 404, "not-found", url.pathname); return; }
  response.writeHead(200, { "Content-Type": "video/mp4" });
  response.end(readFileSync(file));
}

function matches(read: Read, plate: string, match: string): boolean {
  if (!plate) return true;
  if (match === "pattern") return new RegExp(`^${plate.replace(/\*/g, ".*").replace(/\?/g, ".")}$`).test(read.plate);
  if (match !== "near") return read.plate === plate;
  return read.plate.length === plate.length && [...plate].filter((character, index) => read.plate[index] !== character).length <= 1;
}

function plates(call: Call): void {
  const { response, path, url } = call;
  const plate = url.searchParams.get("plate") ?? "";
  if (path[1] === "reads" && path[3]) {
    const read = reads.find((each) => each.id === path[2]);
    const scene = scenes.get((path[3] === "crop" ? read?.crop : read?.picture) ?? "");
    if (!scene) { problem(response, 404, "not-found", "No such picture"); return; }
    response.writeHead(200, { "Content-Type": "image/svg+xml" });
    response.end(draw(scene));
    return;
  }
  if (path[1] === "entries") { hotlist(call); return; }
  if (path[1] === "reach") { send(response, reachOf(url.searchParams.get("authority"))); return; }
  if (path[1] === "journeys") {
    const own = reads.filter((read) => read.plate === plate).sort((a, b) => a.observed_at.localeCompare(b.observed_at));
    const points = own.map((read) => ({ type: "Feature", geometry: { type: "Point", coordinates: [read.lon, read.lat] }, properties: { observed_at: read.observed_at } }));
    const line = { type: "Feature", geometry: { type: "LineString", coordinates: own.map((read) => [read.lon, read.lat]) }, properties: {} };
    send(response, { type: "FeatureCollection", features: own.length > 1 ? [line, ...points] : points }); return;
  }
  const wanted = url.searchParams.getAll("camera");
  const found = reads.filter((read) => matches(read, plate, url.searchParams.get("match") ?? "exact") && (wanted.length === 0 || wanted.includes(read.camera)));
  send(response, page(found, url));
}

function hotlist({ request, response, path, url, body }: Call): void {
  if (path[2] === "import") { send(response, { accepted: 118, rejected: [
    { line: 4, column: "plate", reason: "no letter or figure in the plate", row: "---,stolen,..." },
    { line: 19, column: "valid_until", reason: "ends before it begins", row: "BFX112,stolen,2026-01-01,2025-01-01" }] }); return; }
  if (request.method === "GET") { send(response, page(entries, url)); return; }
  const given = body ? (JSON.parse(body) as Partial<Entry>) : {};
  if (request.method === "POST") {
    if (given.plate === "BAD") { problem(response, 422, "invalid", "A plate needs at least one figure; this one is BAD"); return; }
    entries.unshift({ ...(entries[0]!), ...given, id: randomUUID(), active: true });
    send(response, entries[0], 201); return;
  }
  send(response, { ...entries[0], ...given });
}

function alarmsRoom({ request, response, path, url, body }: Call): void {
  if (path.length === 1) {
    const open = url.searchParams.get("state") === "open";
    send(response, page(alarms.filter((alarm) => isOpen(alarm) === open), url)); return;
  }
  const index = alarms.findIndex((alarm) => alarm.id === path[1]);
  const alarm = alarms[index];
  if (!alarm) { problem(response, 404, "not-found", "No such alarm"); return; }
  if (request.method === "GET") { send(response, alarm); return; }
  const now = new Date().toISOString();
  const reason = (JSON.parse(body) as { reason?: string }).reason ?? "";
  if (!isOpen(alarm)) { problem(response, 409, "conflict", "The alarm is decided already"); return; }
  const next: Alarm = path[2] === "acknowledge"
    ? { ...alarm, state: "acknowledged", acknowledged_at: now, acknowledged_by: "operator" }
    : { ...alarm, state: path[2] === "confirm" ? "confirmed" : "rejected", decided_at: now, decided_by: "operator", decision_reason: reason };
  alarms[index] = next;
  tell("alarm.changed", next);
  send(response, next);
}

function raise(plate: string, entry: Entry): Alarm {
  const alarm = makeAlarm(entry, makeRead(plate, someCamera(), 350));
  alarms.unshift(alarm);
  if (alarm.read) reads.unshift(alarm.read);
  tell("alarm.raised", alarm);
  return alarm;
}

function consoleRoom({ request, response, path }: Call): void {
  if (path[1] !== "events") { problem(response, 404, "not-found", "No such thing"); return; }
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write("event: ready\ndata: {}\n\n");
  streams.add(response);
  const beats = setInterval(() => response.write("event: beat\ndata: {}\n\n"), 15_000);
  request.on("close", () => {
    clearInterval(beats);
    streams.delete(response);
  });
}

const ROOMS: Record<string, (call: Call) => void> = { trust, city, video, plates, alarms: alarmsRoom, console: consoleRoom };

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://mock");
  const path = url.pathname.split("/").slice(2);
  let body = "";
  for await (const chunk of request) body += String(chunk);
  if (path[0] === "health") { send(response, { status: "ok", checks: {}, version: "mock" }); return; }
  // For tests of the window: raise an alarm, end the session, break the stream.
  if (path[0] === "mock") {
    if (path[1] === "raise") raise(somePlate(), entries[Number(path[2] ?? 1)]!);
    if (path[1] === "end") end();
    if (path[1] === "as") signIn(path[2] ?? "operator");
    if (path[1] === "end" || path[1] === "break") streams.forEach((stream) => stream.destroy());
    if (path[1] === "clips") clips.forEach((clip) => {
      clip.state = path[2] === "ready" ? "ready" : "unavailable";
      clip.reason = "the recording had been overwritten";
    });
    send(response, {}); return;
  }
  const room = ROOMS[path[0] ?? ""];
  if (!room) { problem(response, 404, "not-found", "No such room"); return; }
  if (!current() && path[0] !== "trust") { problem(response, 401, "unauthenticated", "Nobody is signed in"); return; }
  room({ request, response, path, url, body });
}

/** Answers /api like a centre would, from memory. */
export function mockCentre(): Plugin {
  const timer = setInterval(() => {
    if (streams.size === 0) return;
    const read = makeRead(somePlate(), someCamera(), 300);
    reads.unshift(read);
    tell("read.seen", read);
  }, 3000);
  timer.unref();
  const attach = (use: (handler: (request: IncomingMessage, response: ServerResponse, next: () => void) => void) => unknown) => {
    use((request, response, next) => {
      if (request.url?.startsWith("/api/")) void answer(request, response);
      else next();
    });
  };
  return {
    name: "amaan-mock-centre",
    configureServer: (server) => attach((handler) => server.middlewares.use(handler)),
    configurePreviewServer: (server) => attach((handler) => server.middlewares.use(handler)),
  };
}
