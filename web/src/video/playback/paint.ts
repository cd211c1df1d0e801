import { shortDay } from "../../kernel/clock";
import { HOUR, length, MINUTE, ticks, toPixel, type Span } from "./span";
import type { Lane, GapCause, Marks } from "./wire";

export const AXIS = 24;
export const LANE = 30;
const BAR = 14;
const LEAST_GAP = 2;

export interface Picture {
  width: number;
  cameras: string[];
  timelines: Map<string, Lane>;
  marks: Marks | undefined;
  span: Span;
  at: number;
  hover: number | null;
  cut: { from: number | null; to: number | null };
  now: number;
}

export type Colours = Record<"ground" | "lane" | "line" | "text" | "muted" | "recorded" | "accent" | "alarm" | "reads" | "cut" | GapCause, string>;

const NAMES: Record<keyof Colours, string> = {
  ground: "--surface", lane: "--raised", line: "--line-strong", text: "--text", muted: "--muted", recorded: "--play-recorded",
  accent: "--accent", alarm: "--critical", reads: "--path", cut: "--play-cut", link: "--play-link", camera: "--play-camera",
  power: "--play-power", disk: "--play-disk", restart: "--play-restart", plan: "--play-plan",
};

/** Reads the theme's colours where the element stands. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const entries = Object.entries(NAMES).map(([name, property]) => [name, style.getPropertyValue(property).trim()]);
  return Object.fromEntries(entries) as Colours;
}

const CITY_OFFSET = 5 * HOUR;
const two = (value: number): string => String(value).padStart(2, "0");

/** What a tick says: the day at midnight and on a coarse scale, else the time. */
export function tickLabel(at: number, step: number): string {
  const local = new Date(at + CITY_OFFSET);
  const midnight = local.getUTCHours() === 0 && local.getUTCMinutes() === 0 && local.getUTCSeconds() === 0;
  if (step >= 24 * HOUR || midnight) return shortDay(at);
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
  return step < MINUTE ? `${time}:${two(local.getUTCSeconds())}` : time;
}

export const laneTop = (index: number): number => AXIS + index * LANE;

export function paint(context: CanvasRenderingContext2D, picture: Picture, colours: Colours): void {
  const { width, cameras, span, at, hover, cut, now } = picture;
  const height = AXIS + cameras.length * LANE;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, width, height);
  paintAxis(context, picture, colours, height);
  cameras.forEach((camera, index) => {
    paintLane(context, picture, camera, laneTop(index), colours);
  });
  const x = (moment: number): number => toPixel(span, moment, width);
  if (cut.from !== null || cut.to !== null) {
    const from = x(cut.from ?? cut.to ?? 0);
    const to = x(cut.to ?? cut.from ?? 0);
    context.fillStyle = colours.cut;
    context.globalAlpha = 0.22;
    context.fillRect(from, AXIS, Math.max(1, to - from), height - AXIS);
    context.globalAlpha = 1;
    context.fillRect(from - 1, AXIS, 2, height - AXIS);
    context.fillRect(to - 1, AXIS, 2, height - AXIS);
  }
  if (now < span.to) {
    context.fillStyle = colours.ground;
    context.globalAlpha = 0.6;
    context.fillRect(x(now), AXIS, width, height - AXIS);
    context.globalAlpha = 1;
  }
  if (hover !== null) line(context, x(hover), height, colours.muted, 1);
  const head = x(at);
  line(context, head, height, colours.accent, 2);
  context.fillStyle = colours.accent;
  context.beginPath();
  context.moveTo(head - 6, AXIS - 9);
  context.lineTo(head + 6, AXIS - 9);
  context.lineTo(head, AXIS);
  context.fill();
}

function line(context: CanvasRenderingContext2D, x: number, height: number, colour: string, wide: number): void {
  context.fillStyle = colour;
  context.fillRect(Math.round(x) - wide / 2, AXIS - 2, wide, height);
}

function paintAxis(context: CanvasRenderingContext2D, { span, width }: Picture, colours: Colours, height: number): void {
  const { step, at } = ticks(span, width, 78);
  context.font = "11px Inter Variable, system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (const moment of at) {
    const x = Math.round(toPixel(span, moment, width));
    context.fillStyle = colours.line;
    context.fillRect(x, AXIS - 4, 1, height - AXIS + 4);
    context.fillStyle = colours.muted;
    context.fillText(tickLabel(moment, step), x, AXIS / 2 - 1);
  }
}

function paintLane(context: CanvasRenderingContext2D, picture: Picture, camera: string, top: number, colours: Colours): void {
  const { width, span, timelines, marks } = picture;
  const bar = top + LANE - BAR - 4;
  const x = (moment: number): number => toPixel(span, moment, width);
  context.fillStyle = colours.lane;
  context.fillRect(0, bar, width, BAR);
  const timeline = timelines.get(camera);
  context.fillStyle = colours.recorded;
  for (const [from, to] of timeline?.spans ?? []) {
    if (to < span.from || from > span.to) continue;
    context.fillRect(x(from), bar, Math.max(1, x(to) - x(from)), BAR);
  }
  for (const [from, to, cause] of timeline?.gaps ?? []) {
    if (to < span.from || from > span.to) continue;
    const start = x(from);
    const long = Math.max(LEAST_GAP, x(to) - start);
    context.fillStyle = colours[cause];
    if (cause === "plan") context.fillRect(start, bar + BAR / 2 - 1, long, 2);
    else context.fillRect(start, bar, long, BAR);
  }
  paintMarks(context, camera, marks, bar, x, colours, length(span) / width);
}

function paintMarks(
  context: CanvasRenderingContext2D, camera: string, marks: Marks | undefined, bar: number, x: (moment: number) => number, colours: Colours, pixel: number,
): void {
  const reads = marks?.reads?.filter((each) => each.camera === camera) ?? [];
  const most = Math.max(1, ...reads.map(({ count }) => count));
  context.fillStyle = colours.reads;
  for (const { at, count } of reads) {
    const high = 2 + Math.round((5 * count) / most);
    context.fillRect(x(at), bar - high, Math.max(1, (marks?.bucket_ms ?? 0) / pixel - 1), high);
  }
  context.fillStyle = colours.alarm;
  for (const { at } of marks?.alarms.filter((each) => each.camera === camera) ?? []) {
    const middle = x(at);
    context.beginPath();
    context.moveTo(middle, bar + BAR);
    context.lineTo(middle - 5, bar + BAR + 4);
    context.lineTo(middle - 5, bar - 6);
    context.lineTo(middle + 5, bar - 6);
    context.lineTo(middle + 5, bar - 1);
    context.lineTo(middle, bar + 4);
    context.fill();
  }
}
