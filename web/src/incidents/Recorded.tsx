import { useEffect, useImperativeHandle, useMemo, useState, useSyncExternalStore, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { localClock, useNow } from "../kernel/clock";
import { Icon } from "../kernel/icons";
import { useKeys } from "../kernel/keys";
import type { Shown } from "../video/live/LiveTile";
import { Access } from "../video/playback/access";
import { Player } from "../video/playback/player";
import { useThumbnail } from "../video/playback/thumbnails";
import { Tile } from "../video/playback/Tile";
import "../video/playback/playback.css";

const WIDTH = 480;
const SECOND = 1_000;
/** Somebody slower or faster than assumed: so much of the recording lies on both sides of the window. */
const AROUND = 15 * SECOND;
/** A keyframe so far outside the window is of something else: there was a gap. */
const NEAR = 10 * SECOND;
const EDGE = 3 * SECOND;

interface WindowProps {
  ref: Ref<Shown>;
  camera: string;
  name: string;
  /** The window of arrival, Unix milliseconds. */
  earliest: number;
  latest: number;
}

/** One recorded picture of a window that is past: of its middle, or plainly none. */
export function PastPicture({ ref, camera, name, earliest, latest }: WindowProps): React.JSX.Element {
  const { t } = useTranslation();
  const access = useMemo(() => new Access([camera]), [camera]);
  const found = useThumbnail(access, camera, (earliest + latest) / 2, WIDTH);
  const taken = found && found.taken >= earliest - NEAR && found.taken <= latest + NEAR ? found.taken : null;
  useImperativeHandle(ref, () => ({ shownAt: () => taken }), [taken]);
  return (
    <div className="past-picture">
      {found && taken !== null && (
        <>
          <img src={found.address} alt={name} />
          <span className="on-picture moment figures"><bdi dir="ltr">{localClock(taken)}</bdi></span>
        </>
      )}
      {found !== undefined && taken === null && <p>{t("playback.not_recorded")}</p>}
      {found === undefined && <span className="waiting" aria-hidden="true" />}
    </div>
  );
}

/** The recording of a window, played; it knows which picture is on the screen. */
export function Recorded({ ref, camera, name, earliest, latest, children }: WindowProps & { children: React.ReactNode }): React.JSX.Element {
  const { t } = useTranslation();
  const [player] = useState(() => new Player([camera], earliest));
  useEffect(() => {
    player.open();
    player.play(1);
    return () => player.close();
  }, [player]);
  useImperativeHandle(ref, () => ({ shownAt: () => player.feed(camera)?.shown() ?? null }), [player, camera]);
  const { at, playing } = useSyncExternalStore(player.subscribe, player.standing);
  const now = useNow();
  const from = earliest - AROUND;
  const to = Math.max(from + SECOND, Math.min(latest + AROUND, now - EDGE));
  const seek = (moment: number) => player.seek(Math.min(to, Math.max(from, moment)));
  useKeys({
    " ": () => player.toggle(), ",": () => player.step(-1), ".": () => player.step(1),
    ArrowLeft: () => seek(at - SECOND), ArrowRight: () => seek(at + SECOND),
  });
  return (
    <>
      <div className="pursuit-picture">
        <Tile camera={camera} name={name} player={player} chosen={false} muted onChoose={() => player.toggle()} />
        {children}
      </div>
      <div className="past-transport" dir="ltr">
        <button type="button" className="button small icon quiet" aria-label={t("video.step_back")} title={t("video.step_back")} onClick={() => player.step(-1)}><Icon name="back" /></button>
        <button type="button" className="button small icon" aria-label={playing ? t("video.pause") : t("video.play")} onClick={() => player.toggle()}><Icon name={playing ? "pause" : "play"} /></button>
        <button type="button" className="button small icon quiet" aria-label={t("video.step_on")} title={t("video.step_on")} onClick={() => player.step(1)}><Icon name="on" /></button>
        <input type="range" min={from} max={to} step={40} value={Math.min(to, Math.max(from, at))} aria-label={t("incidents.moment")} aria-valuetext={localClock(at)}
          onChange={(event) => seek(Number(event.target.value))} />
        <output className="figures" aria-live="off">{localClock(at)}</output>
      </div>
    </>
  );
}
