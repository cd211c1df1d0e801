/** The time that a timeline shows, in Unix milliseconds. Pure. */
export interface Span {
  from: number;
  to: number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const SHORTEST = 2 * MINUTE;
export const LONGEST = 30 * DAY;

export const length = (span: Span): number => span.to - span.from;
export const middle = (span: Span): number => (span.from + span.to) / 2;
export const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** Longer (factor > 1) or shorter, with the moment under the pointer staying where it is. */
export function zoomed(span: Span, factor: number, around: number): Span {
  const long = clamp(length(span) * factor, SHORTEST, LONGEST);
  const share = (around - span.from) / length(span);
  const from = around - share * long;
  return { from, to: from + long };
}

export function moved(span: Span, by: number): Span {
  return { from: span.from + by, to: span.to + by };
}

/** Moves the span so that a moment is in it, with some room on either side. */
export function following(span: Span, at: number): Span {
  const room = length(span) * 0.05;
  if (at >= span.from + room && at <= span.to - room) return span;
  return { from: at - length(span) * 0.2, to: at + length(span) * 0.8 };
}

export const toPixel = (span: Span, at: number, width: number): number => ((at - span.from) / length(span)) * width;
export const toMoment = (span: Span, pixel: number, width: number): number => span.from + (pixel / width) * length(span);

const STEPS = [
  1_000, 5_000, 10_000, 30_000, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
];
/** The city keeps UTC+5 all year. */
const CITY_OFFSET = 5 * HOUR;

/** Where ticks stand: whole steps of the city's clock, at least `apart` pixels from each other. */
export function ticks(span: Span, width: number, apart: number): { step: number; at: number[] } {
  const least = (length(span) / Math.max(1, width)) * apart;
  const step = STEPS.find((each) => each >= least) ?? 7 * DAY;
  const at: number[] = [];
  for (let next = Math.ceil((span.from + CITY_OFFSET) / step) * step - CITY_OFFSET; next <= span.to; next += step) at.push(next);
  return { step, at };
}

/** A wider span on a coarse grid, so that small moves ask for nothing new. */
export function asked(span: Span): Span {
  const grid = 2 ** Math.ceil(Math.log2(length(span)));
  return { from: Math.floor(span.from / grid) * grid - grid / 2, to: Math.ceil(span.to / grid) * grid + grid / 2 };
}

export const contains = (spans: readonly (readonly [number, number])[], at: number): boolean => spans.some(([from, to]) => from <= at && at < to);

/** When recording goes on after a moment that is not recorded; null: not any more. */
export function nextRecorded(spans: readonly (readonly [number, number])[], at: number): number | null {
  let next: number | null = null;
  for (const [from, to] of spans) {
    if (from <= at && at < to) return at;
    if (from > at && (next === null || from < next)) next = from;
  }
  return next;
}
