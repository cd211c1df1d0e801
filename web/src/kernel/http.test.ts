import { describe, expect, it, vi } from "vitest";
import { ask, onSignedOut, ProblemError, query } from "./http";

function answers(status: number, body: unknown, type = "application/problem+json"): void {
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { "content-type": type } }))));
}

async function refusal(): Promise<ProblemError> {
  try {
    await ask("/api/alarms");
  } catch (error) {
    if (error instanceof ProblemError) return error;
  }
  throw new Error("it was not refused");
}

describe("asking the centre", () => {
  it("keeps the centre's own words of what went wrong", async () => {
    answers(409, { title: "Conflict", detail: "the alarm is decided already", code: "conflict", status: 409 });
    const { problem } = await refusal();
    expect([problem.status, problem.code, problem.detail]).toEqual([409, "conflict", "the alarm is decided already"]);
  });

  it("says so when there is no answer at all", async () => {
    vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("network"))));
    expect((await refusal()).problem.code).toBe("unreachable");
  });

  it("survives an error that is no problem document", async () => {
    answers(502, "<html>", "text/html");
    expect((await refusal()).problem.code).toBe("http-502");
  });

  it("tells when the session has ended, but not for a wrong password", async () => {
    const told = vi.fn();
    const off = onSignedOut(told);
    answers(401, { title: "Unauthorized", detail: "", code: "not-signed-in" });
    await refusal();
    expect(told).toHaveBeenCalledTimes(1);
    await ask("/api/trust/sessions", { method: "POST", json: {} }).catch(() => undefined);
    expect(told).toHaveBeenCalledTimes(1);
    off();
  });

  it("leaves empty values out of a query and repeats a list", () => {
    expect(query({ plate: "BGC771", from: null, to: "", camera: ["A", "B"] })).toBe("?plate=BGC771&camera=A&camera=B");
    expect(query({ plate: "" })).toBe("");
  });
});
