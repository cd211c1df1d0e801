import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSiteNames } from "../../city/places";
import { localClock } from "../../kernel/clock";
import { Icon } from "../../kernel/icons";
import { useKeys } from "../../kernel/keys";
import { ProblemNotice } from "../../kernel/Notice";
import { usePreferences } from "../../kernel/preferences";
import { useAllowed } from "../../trust/session";
import type { CameraRow } from "../health";
import { useRecord } from "./keeping";
import { LivePicture } from "./LiveTile";
import { useSnapshot } from "./steering";
import { SteeringPad } from "./SteeringPad";

interface StageProps {
  camera: string;
  row: CameraRow | undefined;
  incident: string | undefined;
  onClose: () => void;
}

/** One camera enlarged: its main stream, and what can be done with it. */
export function Stage({ camera, row, incident, onClose }: StageProps): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const steers = useAllowed("video.steer");
  const [muted, setMuted] = useState(true);
  const snapshot = useSnapshot(camera);
  const record = useRecord(camera);
  const mode = row?.camera.recording.mode;
  const records = mode === "event" || mode === "scheduled";
  const name = row?.camera.name ?? camera;
  useKeys({ Escape: onClose, s: () => snapshot.mutate(), u: () => setMuted(!muted), ...(records && { r: () => record.mutate() }) });
  return (
    <section className="stage" aria-label={t("wall.stage", { name })}>
      <LivePicture camera={camera} stream="main" incident={incident} muted={muted} label={name} row={row} />
      <aside className="stage-side">
        <header className="detail-head">
          <strong className="cut"><bdi>{name}</bdi></strong>
          <span className="grow" />
          <button type="button" className="button icon quiet" onClick={onClose} aria-label={t("wall.back")} title={t("wall.back")}><Icon name="close" /></button>
        </header>
        <div className="stage-body">
          <dl className="facts wide">
            <div><dt>{t("wall.code")}</dt><dd className="mono"><span className="ltr">{camera}</span></dd></div>
            <div><dt>{t("wall.site")}</dt><dd><bdi>{siteName(row?.camera.site ?? null)}</bdi></dd></div>
            {row?.health && <div><dt>{t("wall.condition")}</dt><dd>{t(`city.state.${row.standing}`)}{row.health.reason && `: ${row.health.reason}`}</dd></div>}
          </dl>
          <div className="stage-acts">
            <button type="button" className="button" onClick={() => snapshot.mutate()} disabled={snapshot.isPending}><Icon name="camera" />{t("wall.snapshot")}<kbd>s</kbd></button>
            <button type="button" className="button" aria-pressed={!muted} onClick={() => setMuted(!muted)}><Icon name={muted ? "mute" : "sound"} />{muted ? t("wall.listen") : t("wall.silence")}<kbd>u</kbd></button>
            {records && <button type="button" className="button" onClick={() => record.mutate()} disabled={record.isPending}><Icon name="record" />{t("keeping.record")}<kbd>r</kbd></button>}
          </div>
          {record.data && <p role="status">{t("keeping.until", { time: localClock(record.data.until) })}</p>}
          <ProblemNotice error={snapshot.error ?? record.error} />
          {steers && <SteeringPad camera={camera} />}
        </div>
      </aside>
    </section>
  );
}
