import { useState, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { localClock, useNow } from "../kernel/clock";
import { useKeys } from "../kernel/keys";
import { useAllowed } from "../trust/session";
import { LivePicture, type Shown } from "../video/live/LiveTile";
import { PastPicture, Recorded } from "./Recorded";
import type { Expected, NextCamera, Sighting } from "./wire";

const ms = (at: string): number => new Date(at).getTime();

/** How a camera stands against its window, by the clock of the centre. */
function standing(one: NextCamera, now: number): Expected {
  if (one.state === "not_seen") return "not_seen";
  if (now < ms(one.earliest)) return "early";
  return now > ms(one.latest) ? "past" : "due";
}

interface TileProps {
  ref: Ref<Shown>;
  one: NextCamera;
  number: number;
  incident: string;
  opened: boolean;
  pursues: boolean;
  /** By how much the centre's clock is ahead of this machine's. */
  ahead_ms: number;
  onOpen: () => void;
  onSay: (what: "seen" | "not_seen") => void;
}

/** A camera that may come next: live, or of a window that is past as it was recorded. */
export function PursuitTile({ ref, one, number, incident, opened, pursues, ahead_ms, onOpen, onSay }: TileProps): React.JSX.Element {
  const { t } = useTranslation();
  const plays = useAllowed("video.playback");
  const now = useNow() + ahead_ms;
  const state = standing(one, now);
  const earliest = ms(one.earliest);
  const latest = ms(one.latest);
  // What a person chose for the enlarged picture; else the recording, once the window is past.
  const [chosen, setChosen] = useState<"live" | "recorded" | null>(null);
  const over = now > latest;
  const recorded = plays && now > earliest && (opened && chosen ? chosen === "recorded" : over);
  const way = { ref, camera: one.camera, name: one.name, earliest, latest };
  const onPicture = (
    <>
      <button type="button" className="pursuit-open" onClick={onOpen} aria-pressed={opened} aria-label={t("incidents.open_camera", { name: one.name })}><span className="on-picture digit"><kbd>{number}</kbd></span></button>
      <span className="on-picture window figures"><bdi dir="ltr">{localClock(earliest)}–{localClock(latest)}</bdi></span>
    </>
  );
  return (
    <li className={opened ? "pursuit-tile opened" : "pursuit-tile"} data-camera={one.camera} data-state={state} data-shows={recorded ? "recorded" : "live"}>
      {recorded && opened ? <Recorded {...way}>{onPicture}</Recorded> : (
        <div className="pursuit-picture">
          {recorded ? <PastPicture {...way} /> : <LivePicture ref={ref} camera={one.camera} stream={opened ? "main" : "sub"} incident={incident} label={one.name} />}
          {onPicture}
        </div>
      )}
      <div className="pursuit-note">
        <span className="cut" dir="auto" title={`${one.camera} · ${one.name}`}>{one.name}</span>
        {one.direct === true ? <span className="tag good">{t("incidents.direct")}</span> : <span />}
        <strong className="figures">
          {state === "early" && t("incidents.in_s", { count: Math.max(0, Math.round((earliest - now) / 1000)) })}
          {state === "due" && t("incidents.left_s", { count: Math.max(0, Math.round((latest - now) / 1000)) })}
          {state === "past" && t("incidents.past")}
          {state === "not_seen" && t("incidents.steps.not_seen")}
        </strong>
        <span className="pursuit-acts">
          {opened && plays && now > earliest && <Switch recorded={recorded} onChange={setChosen} />}
          {pursues && (
            <>
              <button type="button" className="button small good" onClick={() => onSay("seen")}>{t("incidents.steps.seen")}</button>
              <button type="button" className="button small" onClick={() => onSay("not_seen")}>{t("incidents.steps.not_seen")}</button>
            </>
          )}
        </span>
      </div>
    </li>
  );
}

function Switch({ recorded, onChange }: { recorded: boolean; onChange: (to: "live" | "recorded") => void }): React.JSX.Element {
  const { t } = useTranslation();
  const other = recorded ? "live" : "recorded";
  useKeys({ r: () => onChange(other) });
  return <button type="button" className="button small" onClick={() => onChange(other)}>{t(`incidents.${other}`)} <kbd>R</kbd></button>;
}

/** Where it was seen last; live, as it may still be there. */
export function LastTile({ last, incident }: { last: Sighting; incident: string }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <li className="pursuit-tile last" data-camera={last.camera}>
      <div className="pursuit-picture"><LivePicture camera={last.camera} stream="sub" incident={incident} label={last.name} /></div>
      <div className="pursuit-note">
        <span className="cut" dir="auto" title={`${last.camera} · ${last.name}`}>{last.name}</span>
        <span />
        <strong>{t("incidents.last_seen")}</strong>
        <time className="figures ltr" dateTime={last.at}>{localClock(last.at)}</time>
      </div>
    </li>
  );
}
