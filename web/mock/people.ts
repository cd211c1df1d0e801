/** Who may sign in to the mock: one person a role, the name is the role's; any password but "wrong". */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Session } from "../src/kernel/wire";
import type { AccountView, Person, SignedIn, SiteGroup } from "../src/trust/wire";
import { at, DAY, given, HOUR, page, problem, send, type Call } from "./kit.ts";

/** The centre's own table, so that the mock never knows another one. */
function permissionTable(): Map<string, string[]> {
  const text = readFileSync(new URL("../../src/amaan/trust/roles.py", import.meta.url), "utf8");
  const quoted = (part: string): string[] => [...part.matchAll(/"([a-z_]+\.[a-z_]+)"/g)].map(([, name = ""]) => name);
  const sets = new Map([...text.matchAll(/^(_[A-Z]+): Final = frozenset\(([\s\S]*?)\)$/gm)].map(([, name = "", body = ""]) => [name, quoted(body)]));
  const body = text.slice(text.indexOf("PERMISSIONS: Final"), text.indexOf("CONFIGURING"));
  return new Map(body.split(/Role\.(?=[A-Z_]+:)/).slice(1).map((part) => {
    const role = /^[A-Z_]+/.exec(part)?.[0] ?? "";
    const named = [...part.matchAll(/_[A-Z]+\b/g)].flatMap(([name]) => sets.get(name) ?? []);
    return [role.toLowerCase(), [...new Set([...named, ...quoted(part)])].sort()] as [string, string[]];
  }));
}
const table = permissionTable();

const NAMES: Record<string, string> = {
  operator: "video_operator", supervisor: "supervisor", investigator: "investigator", approver: "approving_officer", senior: "senior_approving_officer",
  auditor: "auditor", administrator: "administrator", calltaker: "call_taker", responder: "responder", dispatcher: "dispatcher",
};
const TITLES: Record<string, string> = {
  operator: "Duty operator", supervisor: "Insp. Sana Ahmed", investigator: "SI Bilal Qureshi", approver: "DSP Farah Naqvi", senior: "SSP Imran Shah",
  auditor: "Zainab Rizvi", administrator: "Kamran Ali", calltaker: "Call desk 4", responder: "Mobile 12", dispatcher: "Dispatch 2",
};

export const groups: SiteGroup[] = [
  { code: "south", name: "District South", sites: ["SD-01", "SD-02", "SD-03", "CL-01"] },
  { code: "airport", name: "Airport and approaches", sites: ["AP-01", "AP-02"] },
];
export const accounts: AccountView[] = Object.entries(NAMES).map(([username, role], index) => ({
  id: `00000000-0000-7000-8000-0000000000${String(10 + index)}`, username, display_name: TITLES[username] ?? username,
  grants: [{ role, group: username === "dispatcher" ? "south" : null }], disabled_at: username === "responder" ? at(DAY) : null, locked_until: null, must_change_password: username === "calltaker", last_seen_at: at(HOUR * index), created_at: at(DAY * (40 - index)),
  factors: { totp: ["approver", "senior"].includes(username), passkeys: username === "auditor" ? 2 : 0 },
}));
export const person = (username: string): Person => {
  const { id, display_name } = accounts.find((each) => each.username === username) ?? accounts[0]!;
  return { id, username, display_name };
};

let session: Session | null = null;
let sessions: SignedIn[] = [];
export const current = (): Session | null => session;
export const end = (): void => void (session = null);
export const may = (permission: string): boolean => session !== null && session.owes === null && session.account.permissions.includes(permission);

export function signIn(username: string, owes: string | null = null): Session {
  const found = accounts.find((each) => each.username === username) ?? accounts[0]!;
  const roles = found.grants.map(({ role }) => role);
  sessions = [0, 1, 2].map((index) => ({
    id: randomUUID(), created_at: at(index * 5 * HOUR), last_seen_at: at(index * 900_000), ends_at: at(-12 * HOUR), current: index === 0, address: `10.20.1.${14 + index}`,
    agent: ["Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0", "Mozilla/5.0 (Windows NT 10.0) Firefox/150.0", "Mozilla/5.0 (Linux; Android 16) Chrome/156.0"][index]!,
    method: ["totp", "password", "passkey"][index]!,
  }));
  session = {
    account: { id: found.id, username: found.username, display_name: found.display_name, grants: found.grants, roles, permissions: roles.flatMap((role) => table.get(role) ?? []) },
    expires_at: at(-12 * HOUR), strong: found.factors.totp && owes === null, owes, factors: found.factors,
  };
  return session;
}
if (process.env["AMAAN_MOCK_SIGNED_IN"] === "1") signIn("operator");
else if (process.env["AMAAN_MOCK_SIGNED_IN"]) signIn(process.env["AMAAN_MOCK_SIGNED_IN"]);

const passkeys = [{ id: "pk1", name: "Office desk", created_at: at(30 * DAY), last_used_at: at(2 * HOUR), refused_at: null }];
const QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21"><path fill="#000" d="M0 0h7v7H0zM14 0h7v7h-7zM0 14h7v7H0zM9 1h2v3H9zM8 9h5v2H8zM14 9h3v5h-3zM9 15h4v2H9zM18 16h3v4h-3z"/><path fill="#fff" d="M1 1h5v5H1zM15 1h5v5h-5zM1 15h5v5H1z"/><path fill="#000" d="M2 2h3v3H2zM16 2h3v3h-3zM2 16h3v3H2z"/></svg>';

function signInRoute({ response, body }: Call): void {
  const { username, password } = given<{ username: string; password: string }>(body);
  if (password === "locked") { problem(response, 429, "account-locked", "Too many failures", { until: at(-9 * 60_000) }); return; }
  if (password === "wrong") { problem(response, 401, "sign-in-refused", "Not right"); return; }
  const owes = username === "new" ? "password" : username === "enrol" ? "enrol" : accounts.find((each) => each.username === username)?.factors.totp ? "second_factor" : null;
  send(response, signIn(username === "new" || username === "enrol" ? "approver" : username, owes), 201);
}

/** Sessions, factors and the person's own things; false where the path is another's. */
export function own(call: Call): boolean {
  const { request, response, path, url, body } = call;
  const done = (value: unknown, status = 200): true => {
    send(response, value, status);
    return true;
  };
  if (path[1] === "oidc") return done({ enabled: true, name: "City identity" });
  if (path[1] === "sessions" && path.length === 2 && request.method === "POST") { signInRoute(call); return true; }
  if (path[1] === "passkeys" && path[2] === "sign-in") return done(path[3] ? { ticket: "t", options: { challenge: "AAAA", rpId: "localhost", userVerification: "required" } } : signIn("auditor"), 201);
  if (!session) { problem(response, 401, "not-signed-in", "Nobody is signed in"); return true; }
  if (path[1] === "password") { session.owes = session.owes === "password" ? "enrol" : null; return done(undefined, 204); }
  if (path[1] === "sessions") {
    if (path[2] === "second-factor") {
      if (given<{ code: string }>(body).code === "000000") { problem(response, 401, "code-refused", "Not right"); return true; }
      session = { ...session, owes: null, strong: true };
      return done(session);
    }
    if (path[2] === "current" && request.method === "GET") return done(session);
    if (path[2] === "current") { end(); return done(undefined, 204); }
    if (request.method === "DELETE") { sessions = sessions.filter((each) => each.current || (path[2] !== undefined && each.id !== path[2])); return done(undefined, 204); }
    return done(page(sessions, url));
  }
  if (path[1] === "totp") {
    if (request.method === "DELETE") { session.factors.totp = false; return done(undefined, 204); }
    if (path[2] !== "confirm") return done({ secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", uri: "otpauth://totp/Amaan", qr_svg: QR });
    if (given<{ code: string }>(body).code === "000000") { problem(response, 422, "code-refused", "That code is not right"); return true; }
    session = { ...session, owes: null, strong: true, factors: { ...session.factors, totp: true } };
    return done({ recovery_codes: Array.from({ length: 10 }, (_, index) => `K7PD-${String(index)}QXW-93TM`) });
  }
  if (path[1] === "passkeys") {
    if (request.method === "DELETE") { passkeys.splice(0, 1); return done(undefined, 204); }
    return done(request.method === "GET" ? page(passkeys, url) : {}, request.method === "GET" ? 200 : 201);
  }
  return false;
}

const PASSWORD = "amber-canal-linen-4917";

/** Accounts and groups; false where the path is another's. */
export function administration({ request, response, path, url, body }: Call): boolean {
  const done = (value: unknown, status = 200): true => {
    send(response, value, status);
    return true;
  };
  if (path[1] === "roles") return done({ items: [...table].map(([role, permissions]) => ({ role, permissions, held_alone: ["auditor", "administrator"].includes(role) })), next_cursor: null });
  if (path[1] === "groups") {
    const index = groups.findIndex((each) => each.code === path[2]);
    if (request.method === "POST") groups.push(given<SiteGroup>(body));
    else if (request.method === "PATCH") groups[index] = { ...groups[index]!, ...given<Partial<SiteGroup>>(body) };
    else if (request.method === "DELETE") groups.splice(index, 1);
    else return done(page(groups, url));
    return done(groups[Math.max(0, index)], request.method === "POST" ? 201 : 200);
  }
  if (path[1] !== "accounts" || path[3] === "vehicles") return false;
  const found = accounts.findIndex((each) => each.id === path[2]);
  if (path[3] === "reset") return done({ password: PASSWORD });
  if (path[3] === "sessions") return done(request.method === "GET" ? page(sessions.slice(1), url) : undefined, request.method === "GET" ? 200 : 204);
  if (request.method === "POST") {
    const account: AccountView = { ...given<AccountView>(body), id: randomUUID(), disabled_at: null, locked_until: null, must_change_password: true, last_seen_at: null, created_at: at(), factors: { totp: false, passkeys: 0 } };
    if (accounts.some((each) => each.username === account.username)) { problem(response, 409, "username-taken", "Another account has this user name"); return true; }
    accounts.push(account);
    return done({ account, password: PASSWORD }, 201);
  }
  if (request.method === "PATCH") { const { disabled, ...rest } = given<Partial<AccountView> & { disabled?: boolean }>(body); accounts[found] = { ...accounts[found]!, ...rest, ...(disabled === undefined ? {} : { disabled_at: disabled ? at() : null }) }; return done(accounts[found]); }
  return done(path[2] ? accounts[found] : page(accounts, url));
}
