import { describe, expect, it } from "vitest";
import type { Alarm, AlarmState, Severity } from "../kernel/wire";
import { arrange, neighbour } from "./queue";

function alarm(id: string, severity: Severity, minute: number, state: AlarmState = "raised"): Alarm {
  const raised_at = `2026-03-04T05:${String(minute).padStart(2, "0")}:00.000000Z`;
  return {
    id, severity, state, raised_at, kind: "plate_match", title: id, observed_at: raised_at, last_observed_at: raised_at, acknowledged_at: null,
    acknowledged_by: null, decided_at: null, decided_by: null, decision_reason: null, repeat_count: 0, match: null, entry: null, read: null, clip: null,
    site: null, detail: "", ended_at: null, cameras: [], devices: [],
  };
}
const ids = (alarms: Alarm[]): string[] => alarms.map((each) => each.id);

const OLD = [alarm("low", "low", 9), alarm("early", "high", 1), alarm("late", "high", 5)];

describe("the queue", () => {
  it("puts the most severe first, then the newest", () => {
    expect(ids(arrange(OLD, [], null, false).rows)).toEqual(["late", "early", "low"]);
  });

  it("moves no row while it is held: new alarms wait", () => {
    const settled = ids(arrange(OLD, [], null, false).rows);
    const view = arrange([alarm("new", "critical", 10), ...OLD], settled, null, true);
    expect(ids(view.rows)).toEqual(settled);
    expect(ids(view.waiting)).toEqual(["new"]);
  });

  it("keeps a decided alarm in its place while it is held", () => {
    const settled = ids(arrange(OLD, [], null, false).rows);
    const decided = OLD.map((each) => (each.id === "late" ? { ...each, state: "confirmed" as const } : each));
    expect(ids(arrange(decided, settled, null, true).rows)).toEqual(settled);
    expect(ids(arrange(decided, settled, null, false).rows)).toEqual(["early", "low"]);
  });

  it("keeps the open alarm after its decision", () => {
    const decided = OLD.map((each) => (each.id === "late" ? { ...each, state: "rejected" as const } : each));
    expect(ids(arrange(decided, [], "late", false).rows)).toEqual(["late", "early", "low"]);
  });

  it("does not let a decided alarm wait as new", () => {
    expect(arrange([alarm("gone", "high", 3, "confirmed")], [], null, true).waiting).toEqual([]);
  });

  it("steps from row to row and stops at the ends", () => {
    const { rows } = arrange(OLD, [], null, false);
    expect(neighbour(rows, null, 1)).toBe("late");
    expect(neighbour(rows, "late", 1)).toBe("early");
    expect(neighbour(rows, "low", 1)).toBe("low");
    expect(neighbour(rows, "late", -1)).toBe("late");
    expect(neighbour([], "late", 1)).toBeNull();
  });
});
