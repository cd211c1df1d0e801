import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CityMap } from "../city/CityMap";
import { localClock, useNow } from "../kernel/clock";
import { Icon } from "../kernel/icons";
import { useKeys, type Keys } from "../kernel/keys";
import { ProblemNotice } from "../kernel/Notice";
import type { Journey } from "../kernel/wire";
import { useAllowed } from "../trust/session";
import { useMapCameras } from "../video/health";
import { LivePicture } from "../video/live/LiveTile";
import { Access } from "../video/playback/access";
import { Thumbnail } from "../video/playback/Thumbnail";
import { useSay, type Said } from "./asking";
import type { IncidentDetail, NextCamera, Pursuit, Sighting } from "./wire";

const TILES = 8;
const iso = (at: number): string => new Date(at).toISOString();
const ms = (at: string): number => new Date(at).getTime();

interface PursuitProps {
  incident: IncidentDetail;
  pursuit: Pursuit;
  timeline: React.ReactNode;
}

/** What was seen last, the cameras that may come next, and the trail. A person looks; nothing else does. */
export function PursuitView({ incident, pursuit, timeline }: PursuitProps): React.JSX.Element {
  const { t } = useTranslation();
  const pursues = useAllowed("incidents.pursue");
  const send = useSay(incident.id);
  const [opened, setOpened] = useState<string | null>(null);
  const last = pursuit.trail.at(-1);
  const next = pursuit.next.slice(0, TILES);
  const say = (what: Said["what"], camera?: string, at?: number) => {
    if (pursues) send.mutate({ what, ...(camera ? { camera } : {}), ...(at === undefined ? {} : { at: iso(at) }) });
  };
  const open = (camera: string) => {
    if (opened === camera) {
      say("seen", camera);
      setOpened(null);
    } else {
      setOpened(camera);
      say("opened", camera);
    }
  };
  const undoable = pursuit.steps.findLast((step) => !step.undone && ["seen", "not_seen", "lost"].includes(step.what));
  const undo = () => undoable && pursues && send.mutate({ what: "undone", undoes: undoable.id });
  const keys: Keys = {
    l: () => last && say("lost", last.camera), u: () => undo(), n: () => opened && say("not_seen", opened), Escape: () => setOpened(null),
  };
  next.forEach((one, index) => { keys[String(index + 1)] = () => open(one.camera); });
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
            <button type="button" className="button small bad" disabled={!last} onClick={() => last && say("lost", last.camera)}>{t("incidents.steps.lost")} <kbd>L</kbd></button>
            <button type="button" className="button small" disabled={!undoable} onClick={undo}>{t("incidents.undo")} <kbd>U</kbd></button>
            <button type="button" className="button small" onClick={() => say("ended")}>{t("incidents.end")}</button>
          </>
        )}
      </div>
      <ProblemNotice error={send.error} />
      <div className="pursuit-parts">
        <ol className="pursuit-grid" data-opened={opened !== null}>
          {last && (
            <li className="pursuit-tile last" data-camera={last.camera}>
              <LivePicture camera={last.camera} stream="sub" incident={incident.id} label={last.name} />
              <p className="pursuit-note"><strong>{t("incidents.last_seen")}</strong> <span className="cut">{last.name}</span> <time className="figures ltr">{localClock(last.at)}</time></p>
            </li>
          )}
          {next.map((one, index) => (
            <Tile key={one.camera} one={one} number={index + 1} incident={incident.id} opened={opened === one.camera}
              pursues={pursues} onOpen={() => open(one.camera)} onSay={(what, at) => say(what, one.camera, at)} />
          ))}
          {next.length === 0 && <li className="muted">{t("incidents.nothing_next")}</li>}
        </ol>
        <aside className="pursuit-side">
          <PursuitMap pursuit={pursuit} onCamera={(camera) => next.some((one) => one.camera === camera) && open(camera)} />
          <Trail trail={pursuit.trail} />
          {timeline}
        </aside>
      </div>
    </div>
  );
}

interface TileProps {
  one: NextCamera;
  number: number;
  incident: string;
  opened: boolean;
  pursues: boolean;
  onOpen: () => void;
  onSay: (what: "seen" | "not_seen", at?: number) => void;
}

function Tile({ one, number, incident, opened, pursues, onOpen, onSay }: TileProps): React.JSX.Element {
  const { t } = useTranslation();
  const plays = useAllowed("video.playback");
  const now = useNow();
  const earliest = ms(one.earliest);
  const latest = ms(one.latest);
  const past = now > latest;
  const state = one.state === "not_seen" ? "not_seen" : now < earliest ? "early" : past ? "past" : "due";
  const middle = (earliest + latest) / 2;
  const access = useMemo(() => new Access([one.camera]), [one.camera]);
  // The small picture of a window that is past is of its middle: that is when it was seen.
  const thumb = past && plays && !opened;
  const wait_s = Math.max(0, Math.round((earliest - now) / 1000));
  const left_s = Math.max(0, Math.round((latest - now) / 1000));
  return (
    <li className={opened ? "pursuit-tile opened" : "pursuit-tile"} data-camera={one.camera} data-state={state}>
      {thumb ? <Thumbnail access={access} camera={one.camera} at={middle} />
        : <LivePicture camera={one.camera} stream={opened ? "main" : "sub"} incident={incident} label={one.name} />}
      <button type="button" className="pursuit-open" onClick={onOpen} aria-label={t("incidents.open_camera", { name: one.name })}><kbd>{number}</kbd></button>
      <div className="pursuit-note">
        <span className="cut" dir="auto">{one.name}</span>
        {one.direct === true && <span className="tag good">{t("incidents.direct")}</span>}
        <strong className="figures ltr">
          {state === "early" && t("incidents.in_s", { count: wait_s })}
          {state === "due" && t("incidents.left_s", { count: left_s })}
          {state === "past" && t("incidents.past")}
          {state === "not_seen" && t("incidents.steps.not_seen")}
        </strong>
        <span className="faint figures ltr">{localClock(one.earliest)}–{localClock(one.latest)}</span>
        {pursues && (
          <span className="pursuit-acts">
            <button type="button" className="button small good" onClick={() => onSay("seen", thumb ? middle : undefined)}>{t("incidents.steps.seen")}</button>
            <button type="button" className="button small" onClick={() => onSay("not_seen")}>{t("incidents.steps.not_seen")}</button>
            {past && plays && <Link to="/playback" search={{ cameras: one.camera, at: iso(earliest) }} className="button small icon" aria-label={t("nav.playback")} title={t("nav.playback")}><Icon name="play" /></Link>}
          </span>
        )}
      </div>
    </li>
  );
}

function Trail({ trail }: { trail: Sighting[] }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <section aria-label={t("incidents.trail")}>
      <h2>{t("incidents.trail")}</h2>
      <ol className="pursuit-trail">
        {trail.map((one) => (
          <li key={one.step}>
            <time className="figures ltr">{localClock(one.at)}</time> <span dir="auto">{one.name}</span>
            {one.at_least_kmh !== null && (
              <span className={one.plausible ? "faint ltr" : "tag bad ltr"} title={t("incidents.kmh_hint")}>{t("incidents.kmh", { count: Math.round(one.at_least_kmh) })}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function PursuitMap({ pursuit, onCamera }: { pursuit: Pursuit; onCamera: (camera: string) => void }): React.JSX.Element {
  const every = useMapCameras();
  const offered = new Set(pursuit.next.map((one) => one.camera));
  const seen = new Set(pursuit.trail.map((one) => one.camera));
  const cameras = every.filter(({ code }) => offered.has(code) || seen.has(code));
  const places = pursuit.trail.flatMap(({ place, camera, name }) => (place ? [{ place, camera, name }] : []));
  const trail: Journey = {
    type: "FeatureCollection",
    features: [
      ...places.map(({ place, camera, name }) => ({
        type: "Feature" as const, properties: { camera, camera_name: name }, geometry: { type: "Point" as const, coordinates: [place.lon, place.lat] },
      })),
      ...(places.length > 1 ? [{
        type: "Feature" as const, properties: {}, geometry: { type: "LineString" as const, coordinates: places.map(({ place }) => [place.lon, place.lat]) },
      }] : []),
    ],
  };
  const ways = {
    type: "FeatureCollection" as const,
    features: pursuit.next.slice(0, TILES).flatMap((one) => [
      { type: "Feature" as const, properties: { state: one.state }, geometry: { type: "LineString" as const, coordinates: one.way } },
      { type: "Feature" as const, properties: { state: one.state }, geometry: { type: "Point" as const, coordinates: [one.place.lon, one.place.lat] } },
    ]),
  };
  return <div className="pursuit-map"><CityMap cameras={cameras} journey={trail} ways={ways} onCamera={onCamera} legend={<span />} /></div>;
}
