import { useEffect, useRef, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { localClock } from "../../kernel/clock";
import type { FeedState } from "./feed";
import type { Player } from "./player";

interface TileProps {
  camera: string;
  name: string;
  player: Player;
  chosen: boolean;
  muted: boolean;
  onChoose: () => void;
}

/** One camera's picture at the moment that all show. */
export function Tile({ camera, name, player, chosen, muted, onChoose }: TileProps): React.JSX.Element {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    return element ? player.attach(camera, element) : undefined;
  }, [player, camera]);
  useEffect(() => {
    if (video.current) video.current.muted = muted;
  }, [muted]);
  const told = useSyncExternalStore(player.subscribe, () => {
    const feed = player.feed(camera);
    return feed ? `${feed.state}\n${feed.reason}\n${feed.next ?? ""}\n${feed.note}` : "empty\n\n\n";
  });
  const [state, reason = "", next = "", note = ""] = told.split("\n") as [FeedState, string?, string?, string?];
  return (
    <figure className={chosen ? "play-tile chosen" : "play-tile"} data-camera={camera} data-state={state}>
      {/* A street camera has no speech to caption. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <video ref={video} playsInline data-testid={`video-${camera}`} />
      <figcaption>
        <button type="button" className="play-name" aria-pressed={chosen} onClick={onChoose}>
          <span className="mono ltr">{camera}</span><span className="cut" dir="auto">{name}</span>
        </button>
        {note !== "" && <span className="tag">{t("playback.recoded")}</span>}
      </figcaption>
      {state !== "ready" && (
        <p className="play-state" role="status">
          {state === "loading" || state === "empty" ? <span className="waiting" aria-hidden="true" /> : null}
          <span>
            {state === "gap" && t("playback.not_recorded")}
            {state === "gap" && Number.isFinite(Number(next)) && next !== "" && <> · {t("playback.goes_on", { time: `\u2066${localClock(Number(next))}\u2069` })}</>}
            {state === "failed" && t("playback.failed", { reason })}
          </span>
        </p>
      )}
    </figure>
  );
}
