import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Moment } from "../kernel/Age";
import { Icon } from "../kernel/icons";
import type { Alarm, Trouble } from "../kernel/wire";
import { useAllowed } from "../trust/session";
import { useTroubleName } from "../video/health/names";
import { DecisionBar } from "./Decision";
import { SeverityMark } from "./Severity";
import { useAbout } from "./about";

interface PlainProps {
  alarm: Alarm;
  siteName: (code: string | null) => string;
  onClose: () => void;
}

/** An alarm that is not about a vehicle: what is wrong where, since when, and the decision. */
export function Plain({ alarm, siteName, onClose }: PlainProps): React.JSX.Element {
  const { t } = useTranslation();
  const about = useAbout(siteName);
  const health = useAllowed("video.health");
  const camera = alarm.kind === "camera" ? alarm.cameras[0] : undefined;
  return (
    <section className="detail" aria-label={t("keys.alarm")}>
      <header className="detail-head">
        <SeverityMark severity={alarm.severity} text />
        <strong className="cut">{t(`alarms.about.${alarm.kind}`)}</strong>
        {alarm.ended_at && <span className="tag over">{t("plain_alarm.over")}</span>}
        {alarm.repeat_count > 0 && <span className="tag figures ltr">×{alarm.repeat_count + 1}</span>}
        <span className="grow" />
        <button type="button" className="button icon quiet" onClick={onClose} aria-label={t("action.close")}><Icon name="close" /></button>
      </header>
      <div className="detail-body">
        <h2 className="plain-title" dir="auto">{about(alarm)}</h2>
        {alarm.site && <p className="muted">{siteName(alarm.site)} <span className="mono faint ltr">{alarm.site}</span></p>}
        <p><Moment at={alarm.observed_at} /></p>
        {alarm.ended_at && <p className="muted">{t("plain_alarm.over_since")} <Moment at={alarm.ended_at} /></p>}
        {alarm.kind === "site" && <p className="muted">{t("plain_alarm.site_hint")}</p>}
        {camera && <Hint trouble={camera} />}
        <Troubles troubles={[...alarm.devices, ...alarm.cameras]} />
        {camera && health && (
          <p><Link className="button" to="/health" search={{ camera: camera.code }}><Icon name="pulse" />{t("plain_alarm.show_health")}</Link></p>
        )}
      </div>
      <DecisionBar alarm={alarm} seen={false} />
    </section>
  );
}

function Hint({ trouble }: { trouble: Trouble }): React.JSX.Element | null {
  const { t, i18n } = useTranslation();
  const key = `condition_hint.${trouble.kind}`;
  return i18n.exists(key) ? <p>{t(key as "condition_hint.offline")}</p> : null;
}

function Troubles({ troubles }: { troubles: Trouble[] }): React.JSX.Element | null {
  const { t } = useTranslation();
  const nameOf = useTroubleName();
  if (troubles.length === 0) return null;
  return (
    <table className="table troubles">
      <thead><tr><th>{t("plain_alarm.what")}</th><th>{t("health.wrong")}</th><th>{t("plain_alarm.went")}</th><th>{t("plain_alarm.back")}</th></tr></thead>
      <tbody>
        {troubles.map((one) => (
          <tr key={`${one.code} ${one.kind}`}>
            <td><span className="mono ltr">{one.code}</span>{one.name && <span className="faint line" dir="auto">{one.name}</span>}</td>
            <td><span className={`tag condition ${one.kind}`} title={one.detail}>{nameOf(one.kind)}</span></td>
            <td><Moment at={one.since} /></td>
            <td>{one.until ? <Moment at={one.until} /> : <strong className="still">{t("plain_alarm.still")}</strong>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
