import type { Alarm } from "../kernel/wire";
import { byUrgency, isOpen } from "./alarms";

export interface QueueView {
  /** What the list shows, in order. */
  rows: Alarm[];
  /** What came while the list had to hold still. */
  waiting: Alarm[];
}

/**
 * Splits the alarms into those shown and those that wait.
 *
 * While a person's pointer or focus is in the list it is held: nothing comes in, nothing goes out,
 * nothing changes place. The alarm that stands open stays even after its decision.
 */
export function arrange(alarms: Alarm[], settled: readonly string[], openId: string | null, held: boolean): QueueView {
  const byId = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  if (!held) {
    return { rows: alarms.filter((alarm) => isOpen(alarm.state) || alarm.id === openId).sort(byUrgency), waiting: [] };
  }
  const rows = settled.flatMap((id) => byId.get(id) ?? []);
  const shown = new Set(settled);
  const waiting = alarms.filter((alarm) => isOpen(alarm.state) && !shown.has(alarm.id)).sort(byUrgency);
  return { rows, waiting };
}

/** The row `by` places from `from`; the first one when nothing was marked. */
export function neighbour(rows: Alarm[], from: string | null, by: number): string | null {
  if (rows.length === 0) return null;
  const index = rows.findIndex((alarm) => alarm.id === from);
  if (index < 0) return rows[0]?.id ?? null;
  return rows[Math.min(Math.max(0, index + by), rows.length - 1)]?.id ?? null;
}
