import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCameras } from "../city/places";
import { Age, Moment } from "../kernel/Age";
import { fromLocalInput, localClock, toLocalInput } from "../kernel/clock";
import { Dialog } from "../kernel/Dialog";
import { Field } from "../kernel/Field";
import { Icon } from "../kernel/icons";
import { Empty, ProblemNotice } from "../kernel/Notice";
import { useAllowed } from "../trust/session";
import { LivePicture, type Shown } from "../video/live/LiveTile";
import { useIncident, useMove, useNote, usePursuit, useStart } from "./asking";
import { PursuitMap, Trail } from "./PursuitTrail";
import { PursuitView } from "./PursuitView";
import type { IncidentDetail, IncidentState, TimelineEntry } from "./wire";

const ENDING: IncidentState[] = ["resolved", "closed"];

export function IncidentView({ id, onBack }: { id: string; onBack: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const incident = useIncident(id);
  const pursuit = usePursuit(id);
  if (!incident.data) {
    return <main className="page"><div>{incident.error ? <ProblemNotice error={incident.error} onRetry={() => void incident.refetch()} /> : <Empty title={t("app.loading")} />}</div></main>;
  }
  const one = incident.data;
  const going = pursuit.data && pursuit.data.state !== "ended";
  const ahead_ms = pursuit.data ? new Date(pursuit.data.now).getTime() - pursuit.dataUpdatedAt : 0;
  return (
    <main className="page incident">
      <div className="page-head">
        <button type="button" className="button icon quiet" onClick={onBack} aria-label={t("incidents.title")}><Icon name="back" /></button>
        <h1 dir="auto">{t("incidents.one", { number: one.number })} · {one.title}</h1>
        <span className={one.open ? "tag warn" : "tag"}>{t(`incidents.states.${one.state}`)}</span>
        <span className="grow" />
        <Moves incident={one} />
      </div>
      {going && pursuit.data ? <PursuitView incident={one} pursuit={pursuit.data} ahead_ms={ahead_ms} timeline={<Timeline incident={one} />} /> : (
        <div className="incident-parts">
          <section className="incident-side"><Timeline incident={one} /></section>
          <section className="incident-main">
            <ProblemNotice error={pursuit.error} />
            <p className="muted">{t(`incidents.kinds.${one.kind}`)} · <span className="mono ltr">{one.camera}</span> · <bdi>{one.opened_by}</bdi> · <Moment at={one.opened_at} /></p>
            {pursuit.data && (
              <section className="pursuit-over">
                <p className="notice">{t("incidents.pursuit_over", { count: pursuit.data.trail.length })}</p>
                <PursuitMap pursuit={pursuit.data} next={[]} />
                <Trail trail={pursuit.data.trail} />
              </section>
            )}
            {pursuit.isSuccess && <Start incident={one} />}
          </section>
        </div>
      )}
    </main>
  );
}

function Moves({ incident }: { incident: IncidentDetail }): React.JSX.Element | null {
  const { t } = useTranslation();
  const handles = useAllowed("incidents.handle");
  const move = useMove(incident.id);
  const [to, setTo] = useState<IncidentState | null>(null);
  const [reason, setReason] = useState("");
  if (!handles) return null;
  const go = (state: IncidentState) => {
    if (incident.open && !ENDING.includes(state)) move.mutate({ state, reason: "" });
    else setTo(state);
  };
  return (
    <>
      {incident.next_states.map((state) => (
        <button key={state} type="button" className="button small" disabled={move.isPending} onClick={() => go(state)}>{!incident.open && state === "in_progress" ? t("incidents.reopen") : t(`incidents.states.${state}`)}</button>
      ))}
      {to && (
        <Dialog title={t(`incidents.states.${to}`)} onClose={() => setTo(null)}>
          <form className="dialog-body" onSubmit={(event) => { event.preventDefault(); move.mutate({ state: to, reason }, { onSuccess: () => { setTo(null); setReason(""); } }); }}>
            <Field label={t("incidents.reason")}>{(field) => <input id={field} className="input" required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} dir="auto" />}</Field>
            <ProblemNotice error={move.error} />
            <div className="dialog-foot"><button type="submit" className="button primary">{t("action.save")}</button></div>
          </form>
        </Dialog>
      )}
    </>
  );
}

function Start({ incident }: { incident: IncidentDetail }): React.JSX.Element | null {
  const { t } = useTranslation();
  const pursues = useAllowed("incidents.pursue");
  const cameras = useCameras().data ?? [];
  const start = useStart(incident.id);
  const [camera, setCamera] = useState(incident.camera ?? "");
  // Of an incident from an alarm: when the alarm's camera saw it.
  const [at, setAt] = useState(() => toSeconds(incident.timeline[0]?.moment ?? null));
  const [blind, setBlind] = useState(false);
  const picture = useRef<Shown>(null);
  if (!pursues) return null;
  if (!incident.open) return <p className="muted">{t("incidents.not_open")}</p>;
  const begin = (event: React.SyntheticEvent) => {
    event.preventDefault();
    const shown = picture.current?.shownAt() ?? null;
    const seen_at = fromLocalInput(at) ?? (shown === null ? null : new Date(shown).toISOString());
    setBlind(seen_at === null);
    if (seen_at !== null) start.mutate({ camera, seen_at });
  };
  return (
    <form className="start-form" onSubmit={begin}>
      <h2>{t("incidents.pursue")}</h2>
      <p className="muted">{t("incidents.pursue_hint")}</p>
      <Field label={t("incidents.seen_at_camera")}>{(field) => (
        <select id={field} className="input" required value={camera} onChange={(event) => setCamera(event.target.value)}>
          <option value="" disabled>{t("incidents.choose")}</option>
          {cameras.map((each) => <option key={each.code} value={each.code}>{each.code} · {each.name}</option>)}
        </select>
      )}</Field>
      <Field label={t("incidents.seen_at")} hint={t("incidents.seen_now")}>{(field) => <input id={field} className="input ltr" type="datetime-local" step={1} value={at} onChange={(event) => setAt(event.target.value)} />}</Field>
      {camera !== "" && at === "" && <div className="start-picture"><LivePicture ref={picture} camera={camera} stream="sub" incident={incident.id} label={camera} /></div>}
      {blind && <p className="notice warn" role="alert">{t("incidents.no_picture", { name: camera })}</p>}
      <ProblemNotice error={start.error} />
      <button type="submit" className="button primary" disabled={start.isPending}>{t("incidents.start")}</button>
    </form>
  );
}

/** What an `<input type="datetime-local" step=1>` holds, in the city's time. */
function toSeconds(at: string | null): string {
  return at === null ? "" : `${toLocalInput(at)}:${at.slice(17, 19)}`;
}

export function Timeline({ incident }: { incident: IncidentDetail }): React.JSX.Element {
  const { t } = useTranslation();
  const note = useNote(incident.id);
  const handles = useAllowed("incidents.handle");
  const [text, setText] = useState("");
  return (
    <div className="incident-timeline">
      <h2>{t("incidents.timeline")}</h2>
      <ol>{incident.timeline.toReversed().map((entry) => <Line key={entry.id} entry={entry} />)}</ol>
      {handles && (
        <form onSubmit={(event) => { event.preventDefault(); note.mutate(text, { onSuccess: () => setText("") }); }}>
          <input className="input" required maxLength={4000} placeholder={t("incidents.note")} aria-label={t("incidents.note")} value={text} onChange={(event) => setText(event.target.value)} dir="auto" />
          <button type="submit" className="button" disabled={note.isPending}>{t("action.save")}</button>
        </form>
      )}
      <ProblemNotice error={note.error} />
    </div>
  );
}

function Line({ entry }: { entry: TimelineEntry }): React.JSX.Element {
  const { t } = useTranslation();
  const what = entry.kind === "pursuit" ? t(`incidents.steps.${entry.what}` as "incidents.steps.seen")
    : entry.kind === "note" ? "" : t(`incidents.states.${entry.what}` as "incidents.states.new");
  return (
    <li data-kind={entry.kind}>
      <span><strong>{what}</strong> {entry.camera && <span className="mono ltr">{entry.camera}</span>} {entry.moment && <time className="figures ltr" dateTime={entry.moment}>{localClock(entry.moment)}</time>} {entry.text && <span dir="auto">{entry.text}</span>}</span>
      <span className="faint"><bdi>{entry.by}</bdi> · <Age at={entry.at} /></span>
    </li>
  );
}
