import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "../kernel/Age";
import { Icon } from "../kernel/icons";
import type { Alarm } from "../kernel/wire";
import { PlateChip } from "../plates/PlateChip";
import { isOpen } from "./alarms";
import { useAbout } from "./about";
import { Late } from "./Late";
import { SeverityMark } from "./Severity";

interface QueueRowProps {
  alarm: Alarm;
  site: string;
  siteName: (code: string | null) => string;
  open: boolean;
  /** The one row that Tab comes to. */
  reachable: boolean;
  onOpen: (id: string) => void;
}

export const QueueRow = memo(function QueueRow({ alarm, site, siteName, open, reachable, onOpen }: QueueRowProps): React.JSX.Element {
  const { t } = useTranslation();
  const about = useAbout(siteName);
  const decided = !isOpen(alarm.state);
  return (
    <li>
      <button type="button" data-alarm={alarm.id} aria-current={open ? "true" : undefined} tabIndex={reachable ? 0 : -1}
        className={`queue-row ${alarm.severity} ${alarm.state}${decided ? " decided" : ""}`} onClick={() => onOpen(alarm.id)}>
        <SeverityMark severity={alarm.severity} />
        {alarm.read ? <PlateChip plate={alarm.read.plate} /> : <span className="row-title cut" dir="auto">{alarm.site ? about(alarm) : t(`alarms.about.${alarm.kind}`)}</span>}
        <span className="row-marks">
          {alarm.ended_at && <span className="tag over">{t("plain_alarm.over")}</span>}
          {alarm.match?.verify && <span className="tag verify"><Icon name="eye" />{t("alarms.verify")}</span>}
          <Late alarm={alarm} />
          {alarm.repeat_count > 0 && <span className="tag figures ltr">×{alarm.repeat_count + 1}</span>}
        </span>
        <Age at={alarm.raised_at} />
        <span className="row-place cut">{alarm.entry ? `${site} · ${t(`hotlist.categories.${alarm.entry.category}`)}` : alarm.site ? `${site} · ${t(`alarms.about.${alarm.kind}`)}` : alarm.title}</span>
        <span className={`row-state ${alarm.state}`}>{t(`alarms.states.${alarm.state}`)}</span>
      </button>
    </li>
  );
});
