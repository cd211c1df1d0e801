import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../kernel/icons";
import { useKeys } from "../kernel/keys";
import type { Time } from "../kernel/wire";
import { useClip } from "./health";
import "./video.css";

const FRAME_S = 1 / 25;
const SPEEDS = [0.25, 0.5, 1] as const;

interface ClipPlayerProps {
  id: string | null;
  /** The read's moment; marked on the bar and where the clip opens. */
  moment: Time;
}

function seconds(from: Time, to: Time): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}

/** The seconds around a read, or why there are none. */
export function ClipPlayer({ id, moment }: ClipPlayerProps): React.JSX.Element {
  const { t } = useTranslation();
  const clip = useClip(id);
  if (id === null) return <p className="clip-state">{t("video.clip_none")}</p>;
  if (!clip.data) return <p className="clip-state">{clip.error ? clip.error.message : t("app.loading")}</p>;
  if (clip.data.state === "wanted") {
    return <p className="clip-state"><span className="waiting" aria-hidden="true" />{t("video.clip_wanted")}</p>;
  }
  if (clip.data.state === "expired") return <p className="clip-state">{t("video.clip_expired")}</p>;
  if (clip.data.state === "unavailable") {
    return <p className="clip-state">{t("video.clip_unavailable", { reason: clip.data.reason })}</p>;
  }
  return <Player key={id} source={`/api/video/clips/${id}/content`} moment_s={Math.max(0, seconds(clip.data.start, moment))}
    expected_s={seconds(clip.data.start, clip.data.end)} />;
}

interface PlayerProps {
  source: string;
  moment_s: number;
  expected_s: number;
}

function Player({ source, moment_s, expected_s }: PlayerProps): React.JSX.Element {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [position, setPosition] = useState(0);
  const [length, setLength] = useState(expected_s);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    if (video.current) video.current.playbackRate = speed;
  }, [speed]);

  const toggle = () => {
    const element = video.current;
    if (!element) return;
    if (!element.paused) element.pause();
    else void element.play().catch(() => setFailed(true));
  };
  const seek = (to: number) => {
    if (video.current) video.current.currentTime = Math.min(Math.max(0, to), length);
  };
  const step = (frames: number) => {
    video.current?.pause();
    seek((video.current?.currentTime ?? 0) + frames * FRAME_S);
  };
  useKeys({ " ": toggle, ",": () => step(-1), ".": () => step(1) });

  if (failed) return <p className="clip-state">{t("video.clip_error")}</p>;
  const mark = length > 0 ? Math.min(100, (moment_s / length) * 100) : 0;
  return (
    <div className="clip" dir="ltr">
      {/* Muted: a street camera has no speech to caption. The button below plays and pauses. */}
      <video ref={video} src={source} muted playsInline preload="auto"
        onLoadedMetadata={({ currentTarget }) => {
          if (Number.isFinite(currentTarget.duration)) setLength(currentTarget.duration);
          currentTarget.currentTime = Math.min(moment_s, currentTarget.duration || moment_s);
        }}
        onTimeUpdate={({ currentTarget }) => setPosition(currentTarget.currentTime)}
        onSeeked={({ currentTarget }) => setPosition(currentTarget.currentTime)}
        onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} onError={() => setFailed(true)} />
      <div className="clip-bar">
        <button type="button" className="button icon small quiet" onClick={toggle} aria-label={playing ? t("video.pause") : t("video.play")}>
          <Icon name={playing ? "pause" : "play"} />
        </button>
        <button type="button" className="button icon small quiet" onClick={() => step(-1)} aria-label={t("video.step_back")}><Icon name="back" /></button>
        <button type="button" className="button icon small quiet" onClick={() => step(1)} aria-label={t("video.step_on")}><Icon name="on" /></button>
        <div className="clip-track">
          <span className="clip-moment" style={{ insetInlineStart: `${mark}%` }} title={t("video.moment")} />
          <input type="range" min={0} max={length} step={0.01} value={Math.min(position, length)}
            aria-label={t("video.position")} onChange={(event) => seek(Number(event.target.value))} />
        </div>
        <span className="figures mono clip-time">{(position - moment_s >= 0 ? "+" : "−") + Math.abs(position - moment_s).toFixed(1)} s</span>
        <button type="button" className="button small quiet" onClick={() => seek(moment_s)}>{t("video.to_moment")}</button>
        <button type="button" className="button small quiet figures" aria-label={t("video.speed")}
          onClick={() => setSpeed(SPEEDS[(SPEEDS.findIndex((each) => each === speed) + 1) % SPEEDS.length] ?? 1)}>
          {speed}×
        </button>
      </div>
    </div>
  );
}
