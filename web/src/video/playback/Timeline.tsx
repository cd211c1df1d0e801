import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { localClock, localDay, useNow } from "../../kernel/clock";
import { usePreferences } from "../../kernel/preferences";
import type { Access } from "./access";
import { AXIS, coloursOf, LANE, paint } from "./paint";
import { DAY, HOUR, length, MINUTE, moved, toMoment, toPixel, zoomed, type Span } from "./span";
import { Thumbnail } from "./Thumbnail";
import { CAUSES, type Lane, type GapCause, type Marks } from "./wire";

const ZOOM = 1.25;
const DRAG_PX = 4;

interface TimelineProps {
  cameras: string[];
  timelines: Map<string, Lane>;
  marks: Marks | undefined;
  span: Span;
  at: number;
  cut: { from: number | null; to: number | null };
  access: Access;
  onSpan: (span: Span) => void;
  onSeek: (at: number) => void;
  onWidth: (width: number) => void;
}

/** What was recorded and what happened, over minutes or a month. Wheel: closer; drag: along. */
export function Timeline(props: TimelineProps): React.JSX.Element {
  const { cameras, timelines, marks, span, at, cut, access, onSpan, onSeek, onWidth } = props;
  const { t } = useTranslation();
  const { theme } = usePreferences();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<{ x: number; lane: number } | null>(null);
  const present = useNow();
  const [dragging, setDragging] = useState(false);
  const drag = useRef<{ x: number; span: Span; far: boolean } | null>(null);
  const height = AXIS + Math.max(1, cameras.length) * LANE;

  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (!element) return;
    const watcher = new ResizeObserver(() => {
      setWidth(element.clientWidth);
      onWidth(element.clientWidth);
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [onWidth]);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || width === 0) return;
    const scale = window.devicePixelRatio || 1;
    if (element.width !== width * scale || element.height !== height * scale) {
      element.width = width * scale;
      element.height = height * scale;
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const over = hover ? toMoment(span, hover.x, width) : null;
    paint(context, { width, cameras, timelines, marks, span, at, hover: over, cut, now: present }, coloursOf(element));
  }, [width, height, cameras, timelines, marks, span, at, hover, cut, theme, present]);

  const onWheel = useCallback((event: WheelEvent) => {
    event.preventDefault();
    const box = canvas.current?.getBoundingClientRect();
    if (!box) return;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      onSpan(moved(span, ((event.deltaX || event.deltaY) / box.width) * length(span)));
    } else onSpan(zoomed(span, event.deltaY > 0 ? ZOOM : 1 / ZOOM, toMoment(span, event.clientX - box.left, box.width)));
  }, [span, onSpan]);
  useEffect(() => {
    // React listens passively to wheels; the page would scroll.
    const element = canvas.current;
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [onWheel]);

  const x = (event: React.PointerEvent): number => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const lane = (event: React.PointerEvent): number =>
    Math.floor((event.clientY - event.currentTarget.getBoundingClientRect().top - AXIS) / LANE);
  const over = hover ? toMoment(span, hover.x, width) : null;
  const camera = hover ? cameras[hover.lane] : undefined;
  return (
    <div className="play-line" dir="ltr">
      <ul className="timeline-names" aria-hidden="true" style={{ paddingBlockStart: AXIS }}>
        {cameras.map((code) => <li key={code} className="mono cut" style={{ blockSize: LANE }} title={code}>{code}</li>)}
      </ul>
      <div className="timeline-box">
        <canvas ref={canvas} style={{ blockSize: height }} role="slider" tabIndex={0} aria-label={t("playback.timeline")}
          aria-valuemin={Math.round(span.from / 1000)} aria-valuemax={Math.round(span.to / 1000)} aria-valuenow={Math.round(at / 1000)}
          aria-valuetext={`${localDay(at)} ${localClock(at)}`}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { x: x(event), span, far: false };
          }}
          onPointerMove={(event) => {
            const held = drag.current;
            setHover({ x: x(event), lane: lane(event) });
            if (!held) return;
            const along = x(event) - held.x;
            if (Math.abs(along) > DRAG_PX && !held.far) {
              held.far = true;
              setDragging(true);
            }
            if (held.far) onSpan(moved(held.span, (-along / width) * length(held.span)));
          }}
          onPointerUp={(event) => {
            const held = drag.current;
            drag.current = null;
            setDragging(false);
            if (held && !held.far) onSeek(toMoment(span, x(event), width));
          }}
          onPointerLeave={() => setHover(null)}
          onKeyDown={(event) => {
            const act = keyOf(event, span, at, onSpan, onSeek);
            if (!act) return;
            event.preventDefault();
            event.stopPropagation();
            act();
          }} />
        {over !== null && camera !== undefined && over < present && (
          <Bubble x={toPixel(span, over, width)} width={width} at={over} timeline={timelines.get(camera)} camera={camera} access={access} still={!dragging} />
        )}
      </div>
    </div>
  );
}

function keyOf(event: React.KeyboardEvent, span: Span, at: number, onSpan: (span: Span) => void, onSeek: (at: number) => void): (() => void) | null {
  switch (event.key) {
    case "+": case "=": case "ArrowUp": return () => onSpan(zoomed(span, 1 / ZOOM, at));
    case "-": case "ArrowDown": return () => onSpan(zoomed(span, ZOOM, at));
    case "PageUp": return () => onSpan(moved(span, -length(span) / 2));
    case "PageDown": return () => onSpan(moved(span, length(span) / 2));
    case "Home": return () => onSeek(span.from);
    case "End": return () => onSeek(span.to);
    default: return null;
  }
}

interface BubbleProps {
  x: number;
  width: number;
  at: number;
  camera: string;
  timeline: Lane | undefined;
  access: Access;
  still: boolean;
}

const BUBBLE = 200;

/** The moment under the pointer: a picture of it, or why there is none. */
function Bubble({ x, width, at, camera, timeline, access, still }: BubbleProps): React.JSX.Element {
  const { t } = useTranslation();
  const gap = timeline?.gaps.find(([from, to]) => from <= at && at <= to);
  const recorded = timeline?.spans.some(([from, to]) => from <= at && at < to) ?? false;
  const left = Math.min(Math.max(0, x - BUBBLE / 2), Math.max(0, width - BUBBLE));
  return (
    <div className="timeline-bubble" style={{ left, inlineSize: BUBBLE }}>
      {recorded && still && <Thumbnail access={access} camera={camera} at={at} />}
      <span className="figures">{localDay(at)} {localClock(at)}</span>
      {gap && !recorded && <span>{t(`playback.cause.${gap[2]}`)} <span className="figures">{localClock(gap[0])}–{localClock(gap[1])}</span></span>}
      {!gap && !recorded && <span className="muted">{t("playback.nothing")}</span>}
    </div>
  );
}

/** What the colours mean. */
export function Legend({ counted }: { counted: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <ul className="timeline-legend" aria-label={t("playback.legend")}>
      <li><i className="sign recorded" />{t("playback.recorded")}</li>
      {CAUSES.map((cause: GapCause) => <li key={cause}><i className={`sign ${cause}`} />{t(`playback.cause.${cause}`)}</li>)}
      <li><i className="sign alarm" />{t("playback.alarms")}</li>
      <li className={counted ? "" : "faint"}><i className="sign reads" />{counted ? t("playback.reads") : t("playback.reads_closer")}</li>
    </ul>
  );
}

export const RANGES = [
  { name: "10m", long: 10 * MINUTE }, { name: "1h", long: HOUR }, { name: "6h", long: 6 * HOUR }, { name: "1d", long: DAY },
  { name: "7d", long: 7 * DAY }, { name: "30d", long: 30 * DAY },
] as const;
