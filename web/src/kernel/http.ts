import type { Problem } from "./wire";

/** What the centre, or the way to it, answered instead of what was asked for. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

type Listener = () => void;
const signedOut = new Set<Listener>();
const owing = new Set<Listener>();

/** Refusals of what was typed, which end no session. */
const REFUSED_PROOFS = new Set(["sign-in-refused", "account-locked", "code-refused", "passkey-refused"]);

/** Calls `listener` whenever an answer says that nobody is signed in any more. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

/** Calls `listener` whenever an answer says that the session must first show or change something. */
export function onOwing(listener: Listener): () => void {
  owing.add(listener);
  return () => owing.delete(listener);
}

function unreachable(): ProblemError {
  return new ProblemError({
    type: "about:blank",
    title: "The centre does not answer",
    status: 0,
    detail: "",
    code: "unreachable",
  });
}

export async function problemOf(response: Response): Promise<ProblemError> {
  const fallback: Problem = {
    type: "about:blank",
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
    detail: "",
    code: `http-${response.status}`,
  };
  const wait_s = Number(response.headers.get("retry-after") ?? NaN);
  if (Number.isFinite(wait_s)) fallback.until = new Date(Date.now() + wait_s * 1000).toISOString();
  const type = response.headers.get("content-type") ?? "";
  if (!type.includes("json")) return new ProblemError(fallback);
  try {
    const body = (await response.json()) as Partial<Problem>;
    return new ProblemError({ ...fallback, ...body });
  } catch {
    return new ProblemError(fallback);
  }
}

export interface Asking {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  json?: unknown;
  text?: { type: string; body: string | Blob };
  signal?: AbortSignal;
}

function request(asking: Asking): RequestInit {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  const init: RequestInit = { method: asking.method ?? "GET", headers, credentials: "same-origin" };
  if (asking.json !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(asking.json);
  } else if (asking.text) {
    headers["Content-Type"] = asking.text.type;
    init.body = asking.text.body;
  }
  if (asking.signal) init.signal = asking.signal;
  return init;
}

/** Asks the centre. Throws ProblemError for anything but success; an empty answer is undefined. */
export async function ask<T>(path: string, asking: Asking = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, request(asking));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 && !path.startsWith("/api/trust/sessions") && !REFUSED_PROOFS.has(problem.problem.code)) {
      signedOut.forEach((listener) => listener());
    }
    if (problem.problem.code === "owing") owing.forEach((listener) => listener());
    throw problem;
  }
  if (response.status === 204 || response.headers.get("content-length") === "0") {
    return undefined as T;
  }
  return (await response.json()) as T;
}

/** A query string without the empty values; arrays repeat their name. */
export function query(values: Record<string, string | number | string[] | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue;
    if (Array.isArray(value)) {
      value.forEach((one) => {
        params.append(name, one);
      });
    } else params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
