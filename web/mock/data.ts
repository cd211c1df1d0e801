/** A small made-up centre for designing and for tests of the window: never part of the build. */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Alarm, Camera, CameraHealth, CameraState, Category, Difference, Entry, Read, Severity, SiteProperties, Sites } from "../src/kernel/wire";
import type { Scene } from "./pictures.ts";

const DATA = new URL("../../src/amaan/simulation/data/", import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, DATA), "utf8");

type PlainSite = SiteProperties & { lon: number; lat: number };
const plain = JSON.parse(text("sites.json")) as PlainSite[];
export const basemap = (): string => text("basemap.geojson");

export const sites: Sites = {
  type: "FeatureCollection",
  features: plain.map(({ lon, lat, ...properties }) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties })),
};

const at = (msAgo: number): string => new Date(Date.now() - msAgo).toISOString();
/** The same figures on every start. */
let seed = 7;
const chance = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};
const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;

export const cameras: Camera[] = plain.flatMap((site, index) => ["A", "B"].slice(0, index % 3 === 2 ? 1 : 2).map((letter, side) => ({
  code: `${site.code}-${letter}`, name: `${site.name} ${side === 0 ? "inbound" : "outbound"}`, site: site.code,
  lon: site.lon + (side - 0.5) * 0.0006, lat: site.lat + 0.0002 * side, bearing_deg: (index * 47 + side * 180) % 360,
  address: `rtsp://amaan:***@10.20.${index}.${10 + side}/stream1`, enabled: true, read_plates: true, analysis_fps: 5,
  sub_address: null, onvif_address: null, vendor: "", model: "", audio: false,
  recording: { mode: "continuous", schedule: [], before_s: 10, after_s: 30, days: null, gigabytes: null },
})));

const TROUBLE: Record<number, [CameraState, string]> = {
  3: ["down", "connection refused"], 9: ["stalled", "no frame for 14 s"], 17: ["down", "401 Unauthorized: user name or password refused"],
  25: ["unknown", "no heartbeat from worker-2"], 31: ["stopped", "turned off"],
};
export const health: CameraHealth[] = cameras.map((camera, index) => {
  const [state, reason] = TROUBLE[index] ?? ["up", ""];
  const up = state === "up";
  return {
    camera: camera.code, state: state, reason: reason ?? "", since: at(3_600_000 * (1 + index % 9)), fps: up ? 24.9 : 0, width: 1280, height: 720,
    last_frame_at: state === "stopped" ? null : at(up ? 200 : 90_000), skipped_frames: index % 7, reconnects: index % 3, worker: index % 2 ? "worker-2" : "worker-1",
    conditions: up ? [] : [{ kind: "offline" as const, since: at(90_000), detail: reason ?? "" }],
  };
});
export const workers = [1, 2].map((number) => ({
  worker: `worker-${number}`, state: "up", reason: "", since: at(86_400_000), boot: String(number), clock_offset_ms: number * 3, spool: { pending: number - 1, state: "ok" as const, reason: "" }, last_heartbeat_at: at(400),
}));

export const scenes = new Map<string, Scene>();
const named = (scene: Scene): string => {
  const sha = createHash("sha256").update(JSON.stringify(scene)).digest("hex");
  scenes.set(sha, scene);
  return sha;
};

export function makeRead(plate: string, camera: Camera, msAgo: number, shown = plate): Read {
  const box: Scene["box"] = [520 + Math.floor(chance() * 120), 430 + Math.floor(chance() * 60), 150, 46];
  const characters = [...plate].map(() => 0.9 + chance() * 0.1);
  return {
    id: randomUUID(), plate, raw_text: plate.replace(/(\D)(\d)/, "$1-$2"), confidence: Math.min(...characters), characters,
    camera: camera.code, camera_name: camera.name, site: camera.site, lon: camera.lon, lat: camera.lat,
    observed_at: at(msAgo), received_at: at(msAgo - 320), decided_at: at(msAgo - 300), first_seen_at: at(msAgo + 900), last_seen_at: at(msAgo - 400),
    box, frame_size: [1280, 720], direction: "approaching", frames: 9, agreeing: 8, uncertain: false, clock_offset_ms: null, clock_suspect: false,
    picture: named({ plate: shown, box, crop: false }), crop: named({ plate: shown, box, crop: true }),
  };
}

const LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ";
export function somePlate(): string {
  const letters = Array.from({ length: 3 }, () => pick([...LETTERS])).join("");
  return letters + String(100 + Math.floor(chance() * 900));
}
export const someCamera = (): Camera => pick(cameras);

export const reads: Read[] = Array.from({ length: 140 }, (_, index) => makeRead(somePlate(), someCamera(), 30_000 + index * 47_000));

interface Wanted {
  plate: string;
  severity: Severity;
  category: Category;
  reason: string;
  instructions: string;
}
const WANTED: Wanted[] = [
  { plate: "BGC771", severity: "critical", category: "wanted", reason: "Vehicle used in armed robbery, Saddar",
    instructions: "Occupants may be armed. Do not stop alone. Inform duty officer South and keep in view of cameras." },
  { plate: "AFR420", severity: "high", category: "stolen", reason: "Stolen white Suzuki Cultus, Clifton Block 5", instructions: "Verify by eye, then inform AVLC." },
  { plate: "LEH5789", severity: "medium", category: "missing_person", reason: "Family car of a missing person", instructions: "Note direction and occupants. Do not stop." },
  { plate: "KGF1234", severity: "low", category: "other", reason: "Unpaid impound release", instructions: "" },
  { plate: "AUH9??", severity: "high", category: "security", reason: "Partial plate from witness, grey Corolla", instructions: "Compare make and colour first." },
];
export const entries: Entry[] = WANTED.map((wanted, index) => ({
  ...wanted, id: randomUUID(), kind: wanted.plate.includes("?") ? "pattern" : "plate", case_ref: `FIR ${211 + index * 34}/2026`,
  valid_from: at(86_400_000 * 12), valid_until: index % 2 ? null : at(-86_400_000 * 30), created_by: "s.ahmed", authority: null, created_at: at(86_400_000 * 12), active: true,
}));

export const alarms: Alarm[] = [];
export const clips = new Map<string, { id: string; camera: string; start: string; end: string; state: "wanted" | "ready" | "unavailable"; reason: string }>();

export function makeAlarm(entry: Entry, read: Read, differences: Difference[] = []): Alarm {
  const near = differences.length > 0;
  const clip = randomUUID();
  const moment = new Date(read.observed_at).getTime();
  clips.set(clip, { id: clip, camera: read.camera, start: new Date(moment - 6000).toISOString(), end: new Date(moment + 6000).toISOString(), state: "wanted", reason: "" });
  return {
    id: randomUUID(), kind: "plate_match", state: "raised", severity: entry.severity, title: `${read.plate} at ${read.site}`,
    raised_at: read.received_at, observed_at: read.observed_at, last_observed_at: read.observed_at, acknowledged_at: null, acknowledged_by: null, decided_at: null, decided_by: null,
    decision_reason: null, repeat_count: 0, site: null, detail: "", ended_at: null, cameras: [], devices: [], entry, read, clip: { id: clip, state: "wanted", reason: "" },
    match: { kind: near ? "near" : entry.kind === "pattern" ? "pattern" : "exact", cost: near ? 0.4 : 0, verify: near || entry.kind === "pattern", differences },
  };
}

function begin(): void {
  const route = [2, 10, 22, 30, 44].map((index) => cameras[index]!);
  route.slice(0, -1).forEach((camera, index) => reads.push(makeRead("BGC771", camera, 60_000 * (40 - index * 9))));
  const [robbery, stolen, missing, impound, partial] = entries as [Entry, Entry, Entry, Entry, Entry];
  const add = (alarm: Alarm, change: Partial<Alarm> = {}) => {
    alarms.push({ ...alarm, ...change });
    if (alarm.read) reads.push(alarm.read);
  };
  add(makeAlarm(robbery, makeRead("BGC771", route.at(-1)!, 42_000)));
  add(makeAlarm(stolen, makeRead("AFR42O", cameras[12]!, 190_000, "AFR420"), [{ position: 5, read: "O", entry: "0" }]), { repeat_count: 2 });
  add(makeAlarm(partial, makeRead("AUH914", cameras[20]!, 460_000)), { state: "acknowledged", acknowledged_by: "operator", acknowledged_at: at(400_000) });
  add(makeAlarm(missing, makeRead("LEH5789", cameras[33]!, 1_500_000)), { state: "acknowledged", acknowledged_by: "operator", acknowledged_at: at(1_400_000) });
  add(makeAlarm(impound, { ...makeRead("KGF1234", cameras[5]!, 5_400_000), picture: null, crop: null }));
  add(makeAlarm(stolen, makeRead("AFR420", cameras[8]!, 9_900_000)), {
    state: "confirmed", decided_by: "operator", decided_at: at(9_800_000), decision_reason: "All characters agree with the picture",
  });
  reads.sort((a, b) => b.observed_at.localeCompare(a.observed_at));
}
begin();
