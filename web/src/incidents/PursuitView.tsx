import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeys, type Keys } from "../kernel/keys";
import { ProblemNotice } from "../kernel/Notice";
import { useAllowed } from "../trust/session";
import type { Shown } from "../video/live/LiveTile";
import { useSay, type Said } from "./asking";
import { LastTile, PursuitTile } from "./PursuitTile";
import { PursuitMap, Trail } from "./PursuitTrail";
import type { IncidentDetail, NextCamera, Pursuit } from "./wire";

const TILES = 8;
const UNDOABLE = ["seen", "not_seen", "lost"];

/** As many as there are tiles, in travel order; where somebody looked in vain gives way to those further on. */
function offered(every: NextCamera[]): NextCamera[] {
  const open = every.filter(({ state }) => state !== "not_seen").length;
  let looked = Math.max(0, TILES - open);
  return every.filter(({ state }) => state !== "not_seen" || looked-- > 0).slice(0, TILES);
}

/** What each tile shows now. */
class Pictures {
  readonly #shown = new Map<string, Shown>();

  hang(camera: string, picture: Shown | null): void {
    if (picture) this.#shown.set(camera, picture);
    else this.#shown.delete(camera);
  }

  /** When the picture of a camera that is on the screen was taken; null: there is none. */
  shownAt(camera: string): number | null {
    return this.#shown.get(camera)?.shownAt() ?? null;
  }
}

interface PursuitProps {
  incident: IncidentDetail;
  pursuit: Pursuit;
  /** By how much the centre's clock is ahead of this machine's. */
  ahead_ms: number;
  timeline: React.ReactNode;
}

/** What was seen last, the cameras that may come next, and the trail. A person looks; nothing else does. */
export function PursuitView({ incident, pursuit, ahead_ms, timeline }: PursuitProps): React.JSX.Element {
  const { t } = useTranslation();
  const pursues = useAllowed("incidents.pursue");
  const send = useSay(incident.id);
  const [pictures] = useState(() => new Pictures());
  const [enlarged, setEnlarged] = useState<string | null>(null);
  const [blind, setBlind] = useState<string | null>(null);
  const last = pursuit.trail.at(-1);
  const next = offered(pursuit.next);
  const opened = next.find(({ camera }) => camera === enlarged);

  const say = (said: Said) => {
    setBlind(null);
    if (pursues) send.mutate(said);
  };
  /** Said of the picture that is on the screen at this moment, and of no other. */
  const judge = (what: "seen" | "not_seen", { camera, name }: NextCamera) => {
    const shown = pictures.shownAt(camera);
    if (what === "seen" && shown === null) {
      setBlind(name);
      return;
    }
    say({ what, camera, ...(shown === null ? {} : { at: new Date(shown).toISOString() }) });
    if (what === "seen") setEnlarged(null);
  };
  const enlarge = (one: NextCamera) => {
    setEnlarged(one.camera);
    say({ what: "opened", camera: one.camera });
  };
  const undoable = pursuit.steps.findLast((step) => !step.undone && UNDOABLE.includes(step.what));
  const undo = () => undoable && !send.isPending && say({ what: "undone", undoes: undoable.id });
  const lose = () => last && say({ what: "lost", camera: last.camera });
  // A key that is held down says it once.
  const once = (act: () => unknown) => (event: KeyboardEvent) => { if (!event.repeat) act(); };
  const keys: Keys = {
    l: once(lose), u: once(undo), n: once(() => opened && judge("not_seen", opened)), Escape: () => setEnlarged(null),
  };
  next.forEach((one, index) => {
    keys[String(index + 1)] = once(() => (one === opened ? judge("seen", one) : enlarge(one)));
  });
  useKeys(keys);
  return (
    <div className="pursuit">
      <div className="pursuit-bar">
        <span className={pursuit.state === "lost" ? "tag bad" : "tag note"}>{t(`incidents.pursuits.${pursuit.state}`)}</span>
        <span className="muted">{t("incidents.person_looks")}</span>
        {pursuit.basis === "straight_line" && <span className="tag warn">{t("incidents.straight_line")}</span>}
        <span className="grow" />
        {pursues && (
          <>
            <button type="button" className="button small bad" disabled={!last} onClick={lose}>{t("incidents.steps.lost")} <kbd>L</kbd></button>
            <button type="button" className="button small" disabled={!undoable} onClick={undo}>{t("incidents.undo")} <kbd>U</kbd></button>
            <button type="button" className="button small" onClick={() => say({ what: "ended" })}>{t("incidents.end")}</button>
          </>
        )}
      </div>
      <div className="pursuit-said">
        <ProblemNotice error={send.error} />
        {blind !== null && <p className="notice warn" role="alert">{t("incidents.no_picture", { name: blind })}</p>}
      </div>
      <div className="pursuit-parts">
        <ol className="pursuit-grid">
          {last && <LastTile last={last} incident={incident.id} />}
          {next.map((one, index) => (
            <PursuitTile key={one.camera} one={one} number={index + 1} incident={incident.id} opened={one === opened} pursues={pursues} ahead_ms={ahead_ms}
              ref={(picture) => pictures.hang(one.camera, picture)}
              onOpen={() => (one === opened ? setEnlarged(null) : enlarge(one))} onSay={(what) => judge(what, one)} />
          ))}
          {next.length === 0 && <li className="muted">{t("incidents.nothing_next")}</li>}
        </ol>
        <aside className="pursuit-side">
          <PursuitMap pursuit={pursuit} next={next} onCamera={(code) => {
            const one = next.find(({ camera }) => camera === code);
            if (one && one !== opened) enlarge(one);
          }} />
          <Trail trail={pursuit.trail} />
          {timeline}
        </aside>
      </div>
    </div>
  );
}
