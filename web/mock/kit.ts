import type { IncomingMessage, ServerResponse } from "node:http";

export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  /** The parts of the path after /api. */
  path: string[];
  url: URL;
  body: string;
}

export const send = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { "Content-Type": status >= 400 ? "application/problem+json" : "application/json" });
  response.end(value === undefined ? "" : JSON.stringify(value));
};

export const problem = (response: ServerResponse, status: number, code: string, detail: string, more: object = {}): void =>
  send(response, { type: "about:blank", title: detail, status, detail, code, ...more }, status);

export const page = <T>(items: T[], url: URL): { items: T[]; next_cursor: string | null } => {
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const limit = Number(url.searchParams.get("limit") ?? 50);
  return { items: items.slice(from, from + limit), next_cursor: from + limit < items.length ? String(from + limit) : null };
};

// The caller says what it expects.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export const given = <T>(body: string): T => JSON.parse(body || "{}") as T;
export const at = (msAgo = 0): string => new Date(Date.now() - msAgo).toISOString();
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
