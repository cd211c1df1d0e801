import type { Figure, ReportTable } from "../wire";

export const leastOf = (figure: Figure): number => figure.n ?? figure.at_least ?? 0;

/** Between 0 and 1 of the greatest; a suppressed figure is as long as is known for certain. */
export const partOf = (figure: Figure, greatest: number): number => (greatest === 0 ? 0 : leastOf(figure) / greatest);

export const isFigure = (value: Figure | Record<string, Figure>): value is Figure => "n" in value;

/** Columns of a table of several, in the order of its first row. */
export function columnsOf(table: ReportTable): string[] {
  const first = Object.values(table.rows)[0];
  return first === undefined || isFigure(first) ? [] : Object.keys(table.totals ?? first);
}
