import { useTranslation } from "react-i18next";
import { localClock, useNow } from "../../kernel/clock";
import type { Forecast, Point, SitePower } from "./wire";

const WIDE = 720, HIGH = 220, LEFT = 40, RIGHT = 12, TOP = 14, FOOT = 26;
const HOUR = 3_600_000;
const BACK_UP_H = 8;
const EMPTY_SHARE = 0.05;
const BEFORE_H = 12;
const AFTER_LEAST_H = 8, AFTER_MOST_H = 16;

const share = (point: Point): number | null => (typeof point.values["charge_share"] === "number" ? point.values["charge_share"] : null);
const hhmm = (at: number): string => localClock(at).slice(0, 5);

/** When the supply failed from which the battery is drawn on now; null while there is one. */
function failedAt(chart: Point[]): number | null {
  let since: number | null = null;
  for (const point of chart) {
    if (point.values["source"] !== "battery") since = null;
    else since ??= Date.parse(point.at);
  }
  return since;
}

/** The charge so far and how it may go on, against the eight hours. Time runs left to right in both languages. */
export function PowerChart({ power, forecast, label }: { power: SitePower; forecast: Forecast; label: string }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const failed = forecast.running ? failedAt(power.chart) : null;
  const wanted = (failed ?? now) + BACK_UP_H * HOUR;
  const first = now - BEFORE_H * HOUR;
  const latest = forecast.latest ? Date.parse(forecast.latest) : now;
  const last = now + Math.min(AFTER_MOST_H, Math.max(AFTER_LEAST_H + 1, (latest - now) / HOUR + 1)) * HOUR;
  const x = (at: number) => LEFT + ((at - first) / (last - first)) * (WIDE - LEFT - RIGHT);
  const y = (charge: number) => TOP + (1 - charge) * (HIGH - TOP - FOOT);
  const told = power.chart.flatMap((point) => {
    const charge = share(point), at = Date.parse(point.at);
    return charge === null || at < first ? [] : [{ at, charge }];
  });
  const path = told.map(({ at, charge }, index) => `${index ? "L" : "M"}${x(at).toFixed(1)} ${y(charge).toFixed(1)}`).join("");
  const from = told.at(-1);
  const to = (at: string) => `${x(Date.parse(at)).toFixed(1)} ${y(EMPTY_SHARE).toFixed(1)}`;
  const begin = from ? `${x(forecast.running ? from.at : now).toFixed(1)} ${y(from.charge).toFixed(1)}` : null;
  const hours = Array.from({ length: Math.floor((last - first) / HOUR / 4) + 1 }, (_, index) => Math.ceil(first / (4 * HOUR)) * 4 * HOUR + index * 4 * HOUR - HOUR)
    .filter((at) => at > first && at < last);
  return (
    <svg className="power-chart" viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={label} direction="ltr">
      <defs><clipPath id="power-clip"><rect x={LEFT} y={0} width={WIDE - LEFT - RIGHT} height={HIGH} /></clipPath></defs>
      {[0, 0.25, 0.5, 0.75, 1].map((each) => (
        <g key={each}>
          <line className="grid" x1={LEFT} x2={WIDE - RIGHT} y1={y(each)} y2={y(each)} />
          <text x={LEFT - 6} y={y(each) + 4} textAnchor="end">{Math.round(each * 100)}%</text>
        </g>
      ))}
      {hours.map((at) => <text key={at} x={x(at)} y={HIGH - 8} textAnchor="middle">{hhmm(at)}</text>)}
      <g clipPath="url(#power-clip)">
        <line className="empty-line" x1={LEFT} x2={WIDE - RIGHT} y1={y(EMPTY_SHARE)} y2={y(EMPTY_SHARE)} />
        {begin && forecast.earliest && forecast.latest && forecast.empties_at && (
          <>
            <path className="bounds" d={`M${begin}L${to(forecast.earliest)}L${to(forecast.latest)}Z`} />
            <path className="expected" d={`M${begin}L${to(forecast.empties_at)}`} />
          </>
        )}
        {path && <path className="told" d={path} />}
        <line className="now" x1={x(now)} x2={x(now)} y1={TOP} y2={y(0)} />
        <line className={`wanted ${forecast.against_8h}`} x1={x(wanted)} x2={x(wanted)} y1={TOP} y2={y(0)} />
      </g>
      <Label at={x(now)} after={wanted < now} words={t("devices.now")} />
      <Label at={x(wanted)} after={wanted >= now} words={t("devices.eight_hours")} strong />
    </svg>
  );
}

/** Words beside a line, on the side where the other line is not. */
function Label({ at, after, words, strong = false }: { at: number; after: boolean; words: string; strong?: boolean }): React.JSX.Element {
  const starts = at < LEFT + 70 || (after && at < WIDE - 100);
  return <text className={strong ? "strong" : ""} x={at + (starts ? 5 : -5)} y={TOP + 10} textAnchor={starts ? "start" : "end"}>{words}</text>;
}
