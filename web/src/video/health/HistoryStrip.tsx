import { useState } from "react";
import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../../kernel/clock";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { useAllowed } from "../../trust/session";
import type { CameraRow } from "../health";
import { SPANS, useAcceptView, useCameraHistory, type SpanName } from "./asking";
import { useTroubleName } from "./names";
import type { HistoryEntry } from "./wire";

const NAMES: SpanName[] = ["day", "week", "month"];
const STATES = new Set(["starting", "up", "stalled", "down", "unknown"]);

interface HistoryProps {
  camera: string | null;
  row?: CameraRow;
}

/** One camera's states as a strip, and below it a line for each thing that was wrong. */
export function HistoryStrip({ camera, row }: HistoryProps): React.JSX.Element {
  const { t } = useTranslation();
  const [span, setSpan] = useState<SpanName>("day");
  const history = useCameraHistory(camera, span);
  const items = history.data?.items ?? [];
  const kinds = [...new Set(items.filter((one) => !STATES.has(one.kind)).map((one) => one.kind))];
  if (camera === null) return <section className="health-box"><p className="muted">{t("health.choose")}</p></section>;
  return (
    <section className="health-box" aria-label={t("health.history", { camera })}>
      <header className="health-head">
        <h2><span dir="auto">{t("health.history", { camera: row?.camera.name ?? camera })}</span> <span className="mono faint ltr">{camera}</span></h2>
        <div className="segments" role="group" aria-label={t("health.span")}>
          {NAMES.map((each) => <button key={each} type="button" aria-pressed={span === each} onClick={() => setSpan(each)}>{t(`health.span_${each}`)}</button>)}
        </div>
        <span className="grow" />
        {row?.health?.conditions.some(({ kind }) => kind === "moved" || kind === "covered" || kind === "blurred") && <Accept camera={camera} />}
      </header>
      <ProblemNotice error={history.error} />
      {history.isSuccess && items.length === 0 && <Empty title={t("health.no_history")} />}
      {items.length > 0 && (
        <div className="strips">
          <Strip label={t("video.state")} entries={items.filter((one) => STATES.has(one.kind))} span={span} />
          {kinds.map((kind) => <KindStrip key={kind} kind={kind} items={items} span={span} />)}
          <Ends span={span} />
        </div>
      )}
    </section>
  );
}

function KindStrip({ kind, items, span }: { kind: string; items: HistoryEntry[]; span: SpanName }): React.JSX.Element {
  return <Strip label={useTroubleName()(kind)} entries={items.filter((one) => one.kind === kind)} span={span} />;
}

function Strip({ label, entries, span }: { label: string; entries: HistoryEntry[]; span: SpanName }): React.JSX.Element {
  const { t } = useTranslation();
  const nameOf = useTroubleName();
  const now = useNow();
  const start = now - SPANS[span];
  const share = (at: number): number => Math.min(100, Math.max(0, ((at - start) / SPANS[span]) * 100));
  const words = (one: HistoryEntry): string => t("health.was", {
    kind: nameOf(one.kind), from: localMoment(one.since, now), to: one.until ? localMoment(one.until, now) : t("health.lasts"),
  });
  return (
    <div className="strip-row">
      <span className="strip-label cut">{label}</span>
      {/* Time runs from left to right in every language, as on the timeline of recordings. */}
      <ol className="strip" dir="ltr" aria-label={label}>
        {entries.map((one) => {
          const from = share(new Date(one.since).getTime());
          const to = one.until ? share(new Date(one.until).getTime()) : 100;
          const said = words(one);
          return (
            <li key={`${one.kind} ${one.since}`} className={one.kind} style={{ left: `${String(from)}%`, width: `${String(Math.max(0.2, to - from))}%` }} title={one.detail ? `${said}: ${one.detail}` : said}>
              <span className="unseen">{said}</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Ends({ span }: { span: SpanName }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  return (
    <div className="strip-row">
      <span className="strip-label" />
      <span className="strip-ends faint figures" dir="ltr"><span>{localMoment(new Date(now - SPANS[span]).toISOString(), now)}</span><span>{t("health.now")}</span></span>
    </div>
  );
}

function Accept({ camera }: { camera: string }): React.JSX.Element | null {
  const { t } = useTranslation();
  const accept = useAcceptView();
  const steers = useAllowed("video.steer");
  if (!steers) return null;
  return (
    <>
      <button type="button" className="button" title={t("health.accept_hint")} disabled={accept.isPending || accept.isSuccess} onClick={() => accept.mutate(camera)}>
        <Icon name="check" />{t(accept.isSuccess ? "health.accepted" : "health.accept_view")}
      </button>
      <ProblemNotice error={accept.error} />
    </>
  );
}
