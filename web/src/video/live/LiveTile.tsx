import { useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";
import { useTranslation } from "react-i18next";
import type { CameraRow } from "../health";
import { LivePlayer, type LiveStatus } from "./player";
import type { Stream } from "./wire";
import "./live.css";

const BEGINNING: LiveStatus = { state: "connecting", reason: "", age_ms: null, stream: "sub", way: "mse", fellBack: false };
/** Reasons that have words in both languages, ours and the centre's; all others are shown as the centre says them. */
const KNOWN = {
  broken: "broken", unreachable: "unreachable", codec: "codec", "not-permitted": "not-permitted",
  "no picture comes from the camera": "silent", "the session is over": "over", "the permission is gone": "gone",
  "the camera is out of reach": "far", "the incident is not open": "incident", "this worker does not pull that stream": "silent",
} as const;

type Known = (typeof KNOWN)[keyof typeof KNOWN] | "away";

function knownReason(reason: string): Known | undefined {
  if (reason.endsWith("is not connected")) return "away";
  return reason in KNOWN ? KNOWN[reason as keyof typeof KNOWN] : undefined;
}

/** Whatever shows a picture, and knows when it was taken; null: no picture is on the screen. */
export interface Shown {
  shownAt: () => number | null;
}

interface LivePictureProps {
  ref?: Ref<Shown> | undefined;
  camera: string;
  stream: Stream;
  incident?: string | undefined;
  muted?: boolean;
  label: string;
  row?: CameraRow | undefined;
}

/** What one camera sees now, or plainly that it is not now. */
export function LivePicture({ ref, camera, stream, incident, muted = true, label, row }: LivePictureProps): React.JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const playing = useRef<LivePlayer>(null);
  const [status, setStatus] = useState(BEGINNING);
  useEffect(() => {
    if (!video.current || !image.current) return;
    const player = new LivePlayer(video.current, image.current, { camera, stream, incident }, setStatus);
    playing.current = player;
    return () => {
      playing.current = null;
      player.close();
    };
  }, [camera, stream, incident]);
  useImperativeHandle(ref, () => ({ shownAt: () => playing.current?.shownAt() ?? null }), []);
  useEffect(() => {
    if (video.current) video.current.muted = muted;
  }, [muted]);
  const pictures = status.way === "pictures";
  return (
    <div className="live-picture" data-camera={camera} data-state={status.state} data-stream={status.stream} data-way={status.way}>
      {/* A street camera has no speech to caption. */}
      <video ref={video} muted playsInline autoPlay hidden={pictures} aria-label={label} />
      <img ref={image} alt={label} hidden={!pictures} />
      <LiveNote status={status} row={row} />
    </div>
  );
}

function LiveNote({ status, row }: { status: LiveStatus; row: CameraRow | undefined }): React.JSX.Element {
  const { t } = useTranslation();
  const { state, reason, age_ms, fellBack } = status;
  const age = age_ms === null ? "" : t("wall.age", { seconds: (age_ms / 1000).toFixed(age_ms < 10_000 ? 1 : 0) });
  const known = knownReason(reason);
  const why = known ? t(`wall.reason.${known}`) : reason;
  const down = row?.health && row.standing !== "up" && row.standing !== "unknown" ? row : undefined;
  return (
    <>
      <span className="live-state" data-state={state} title={age}>
        <i aria-hidden="true" />{state === "stale" ? age : t(`wall.state.${state}`)}
      </span>
      {state !== "live" && (
        <p className="live-why" role="status">
          {state === "stale" ? t("wall.stale") : why || (state === "connecting" ? t("wall.connecting") : t("wall.none"))}
          {down && <span>{t(`city.state.${down.standing}`)}{down.health?.reason ? `: ${down.health.reason}` : ""}</span>}
        </p>
      )}
      {fellBack && <p className="live-fell" role="status">{t("wall.fell_back")}</p>}
    </>
  );
}
