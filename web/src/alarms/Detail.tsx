import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "../kernel/Age";
import { Icon } from "../kernel/icons";
import { Empty, ProblemNotice } from "../kernel/Notice";
import type { Alarm } from "../kernel/wire";
import { IncidentButton } from "../incidents/IncidentButton";
import { Characters } from "../plates/Characters";
import { History } from "../plates/History";
import { PlateChip } from "../plates/PlateChip";
import { ReadFacts } from "../plates/ReadFacts";
import { Crop, ReadPicture } from "../plates/ReadPicture";
import { ClipPlayer } from "../video/ClipPlayer";
import { LiveLink } from "../video/live/LiveLink";
import { useAllowed } from "../trust/session";
import { useAcknowledge, useAlarm } from "./alarms";
import { DecisionBar } from "./Decision";
import { Late } from "./Late";
import { Plain } from "./Plain";
import { Record } from "./Record";
import { SeverityMark } from "./Severity";

interface DetailProps {
  id: string;
  siteName: (code: string | null) => string;
  onClose: () => void;
  onLocate: (alarm: Alarm) => void;
}

export function Detail({ id, siteName, onClose, onLocate }: DetailProps): React.JSX.Element {
  const { t } = useTranslation();
  const alarm = useAlarm(id);
  const acknowledge = useAcknowledge();
  const decides = useAllowed("alarms.decide");
  const asked = useRef<string | null>(null);
  const state = alarm.data?.state;
  const { mutate } = acknowledge;
  useEffect(() => {
    if (!decides || state !== "raised" || asked.current === id) return;
    asked.current = id;
    mutate(id);
  }, [decides, id, state, mutate]);

  if (!alarm.data) {
    return (
      <section className="detail">
        {alarm.error ? <ProblemNotice error={alarm.error} onRetry={() => void alarm.refetch()} /> : <Empty title={t("app.loading")} />}
      </section>
    );
  }
  return <Open key={id} alarm={alarm.data} siteName={siteName} onClose={onClose} onLocate={onLocate} error={acknowledge.error} />;
}

interface OpenProps extends Omit<DetailProps, "id"> {
  alarm: Alarm;
  error: unknown;
}

function Open({ alarm, siteName, onClose, onLocate, error }: OpenProps): React.JSX.Element {
  const { t } = useTranslation();
  const [seen, setSeen] = useState(false);
  const [missing, setMissing] = useState(false);
  const { read, entry, match } = alarm;
  if (!read || !entry || !match) return <Plain alarm={alarm} siteName={siteName} onClose={onClose} />;
  return (
    <section className="detail" aria-label={t("keys.alarm")}>
      <header className="detail-head">
        <SeverityMark severity={alarm.severity} text />
        <PlateChip plate={read.plate} size="large" />
        <span className="detail-kind muted cut">{t(`alarms.kinds.${match.kind}`)} · <Age at={alarm.raised_at} /></span>
        <Late alarm={alarm} />
        <span className="grow" />
        <IncidentButton alarm={alarm.id} title={`${t("incidents.kinds.vehicle")} ${read.plate}`} camera={read.camera} />
        <LiveLink camera={read.camera} />
        <button type="button" className="button icon quiet" onClick={() => onLocate(alarm)} aria-label={t("alarms.locate")} title={t("alarms.locate")}><Icon name="pin" /></button>
        <button type="button" className="button icon quiet" onClick={onClose} aria-label={t("action.close")}><Icon name="close" /></button>
      </header>
      <div className="detail-body">
        <ProblemNotice error={error} />
        {match.verify && <div className="notice warn"><Icon name="eye" /><p>{t("alarms.verify_long")}</p></div>}
        <div className="compare">
          <Crop read={read} />
          <Characters read={read.plate} entry={entry.plate} confidences={read.characters} differences={match.differences}
            isPattern={entry.kind === "pattern"} />
        </div>
        <ReadPicture read={read} onSeen={() => setSeen(true)} onMissing={() => setMissing(true)} />
        <Record entry={entry} />
        <h3>{t("video.clip")}</h3>
        <ClipPlayer id={alarm.clip?.id ?? null} moment={read.observed_at} />
        <ReadFacts read={read} site={siteName(read.site)} />
        <History plate={read.plate} current={read.id} siteName={siteName} />
      </div>
      <DecisionBar alarm={alarm} seen={seen} missing={missing} />
    </section>
  );
}
