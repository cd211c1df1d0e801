import { createHash, randomUUID } from "node:crypto";
import type { Authority, AuthorityDraft, AuthorityState, Scope } from "../src/trust/wire";
import { cameras } from "./data.ts";
import { at, DAY, given, HOUR, page, problem, send, type Call } from "./kit.ts";
import { current, person } from "./people.ts";

const PAPER = '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="620"><rect width="480" height="620" fill="#fff"/><text x="40" y="70" font-size="22">Order of the Sessions Court</text><text x="40" y="110" font-size="14">In the matter of FIR 211/2026, PS Artillery Maidan</text></svg>';
const PAPER_SHA = createHash("sha256").update(PAPER).digest("hex");
const PURPOSES = ["stolen_vehicle", "wanted_vehicle", "warrant", "missing_person", "kidnapping", "terrorism", "hit_and_run", "robbery", "homicide", "narcotics", "court_order", "protection", "traffic_offence", "misuse_inquiry", "subject_access"];

const open: Scope = { plates: null, cameras: null, sites: null, bounds: null, since: null, until: null, uses: ["search"] };
let number = 411;

function made(draft: Partial<Authority>, by: string, state: AuthorityState, ago: number): Authority {
  const decided = state !== "requested" && !(draft.emergency && state === "active");
  number += 1;
  return {
    id: randomUUID(), number, state, purpose: "robbery", case_ref: `FIR ${String(number - 200)}/2026`, grounds: "The vehicle was used in an armed robbery in Saddar and was seen again near the harbour.",
    document: { sha256: PAPER_SHA, name: "order.svg" }, scope: open, expires_at: at(-14 * DAY), ends_at: at(draft.emergency ? -20 * HOUR : -14 * DAY), emergency: false, replaces: null,
    requested_by: person(by), requested_at: at(ago), decided_by: decided ? person("approver") : null, decided_at: decided ? at(ago - HOUR) : null,
    decision_reason: decided ? "The order covers it." : null, active_since: state === "active" ? at(ago - HOUR) : null, ended_at: ["refused", "expired", "revoked", "sealed"].includes(state) ? at(ago - 2 * HOUR) : null, beyond_tier: false,
    history: [{ at: at(ago), by: person(by), change: draft.emergency ? "declared" : "requested", reason: "" }, ...(decided ? [{ at: at(ago - HOUR), by: person("approver"), change: state === "refused" ? "refused" : "approved", reason: "The order covers it." }] : [])],
    ...draft,
  };
}
export const authorities: Authority[] = [
  made({ scope: { ...open, plates: ["BGC771"], uses: ["search", "entry"] } }, "supervisor", "active", 5 * DAY),
  made({ purpose: "stolen_vehicle", scope: { ...open, plates: ["AFR420", "LEH5789", "AUH9??"], uses: ["search", "entry"], sites: ["SD-01", "SD-02", "RZ-01"] } }, "investigator", "active", 3 * DAY),
  made({ purpose: "hit_and_run", scope: { ...open, bounds: [66.99, 24.83, 67.06, 24.88], since: at(2 * DAY), until: at(DAY) }, grounds: "Hit and run at Teen Talwar on Friday evening; the colour of the vehicle is known, its plate is not." }, "investigator", "requested", 2 * HOUR),
  made({ purpose: "kidnapping", emergency: true, scope: { ...open, plates: ["KGF1234"] } }, "supervisor", "active", HOUR),
  made({ purpose: "homicide", beyond_tier: true, scope: { ...open, plates: ["BGC771"], since: at(160 * DAY) } }, "supervisor", "requested", 40 * 60_000),
  made({ purpose: "traffic_offence" }, "investigator", "refused", 9 * DAY),
  made({ purpose: "narcotics", scope: { ...open, plates: ["JZ*"] } }, "supervisor", "expired", 30 * DAY),
];

const STATES: Record<string, (each: Authority) => boolean> = {
  open: (each) => each.state === "requested" || (each.emergency && each.decided_at === null && each.state === "active"), active: (each) => each.state === "active",
  ended: (each) => !["requested", "active"].includes(each.state), all: () => true,
};

/** Authorities, purposes and documents; false where the path is another's. */
export function authorityRoom({ request, response, path, url, body }: Call): boolean {
  if (path[1] === "purposes") { send(response, { items: PURPOSES.map((code) => ({ code })) }); return true; }
  if (path[1] === "documents") {
    if (request.method === "POST") send(response, { sha256: createHash("sha256").update(body).digest("hex"), size_bytes: body.length, type: "application/pdf" }, 201);
    else {
      response.writeHead(200, { "Content-Type": "image/svg+xml" });
      response.end(PAPER);
    }
    return true;
  }
  if (path[1] !== "authorities") return false;
  const me = current()?.account;
  const found = authorities.findIndex((each) => each.id === path[2]);
  const authority = authorities[found];
  if (request.method === "POST" && !path[2]) {
    const fresh = made(given<AuthorityDraft>(body), me?.username ?? "supervisor", given<AuthorityDraft>(body).emergency ? "active" : "requested", 0);
    authorities.unshift(fresh);
    send(response, fresh, 201); return true;
  }
  if (!path[2]) {
    const rows = authorities.filter(STATES[url.searchParams.get("state") ?? "all"] ?? (() => true)).filter((each) => url.searchParams.get("mine") !== "true" || each.requested_by.id === me?.id);
    send(response, page(rows, url)); return true;
  }
  if (!authority) { problem(response, 404, "authority-not-found", "No such authority"); return true; }
  if (request.method === "POST") {
    const { reason } = given<{ reason: string }>(body);
    const state = ({ approve: "active", refuse: authority.emergency ? "sealed" : "refused", revoke: "revoked", withdraw: "withdrawn" } as const)[path[3] as "approve"];
    const change = ({ approve: "approved", refuse: "refused", revoke: "revoked", withdraw: "withdrawn" } as const)[path[3] as "approve"];
    authorities[found] = { ...authority, state, decided_by: person(me?.username ?? ""), decided_at: at(), decision_reason: reason, history: [...authority.history, { at: at(), by: person(me?.username ?? ""), change, reason }] };
  }
  send(response, authorities[found]); return true;
}

export function reachOf(id: string | null): unknown {
  const { scope } = authorities.find((each) => each.id === id) ?? { scope: open };
  const [west, south, east, north] = scope.bounds ?? [0, 0, 90, 90];
  const codes = cameras.filter(({ site, lon, lat, code }) => (scope.sites?.includes(site) ?? true) && (scope.cameras?.includes(code) ?? true) && lon >= west! && lon <= east! && lat >= south! && lat <= north!).map(({ code }) => code);
  return { cameras: scope.bounds || scope.sites || scope.cameras ? codes : null, since: scope.since ?? at(90 * DAY), until: scope.until ?? at(), reads: scope.plates ? 64 : codes.length * 2140, plates: scope.plates?.length ?? codes.length * 733, estimate: scope.plates === null };
}
