import { useTranslation } from "react-i18next";
import { age } from "../kernel/clock";
import type { Alarm } from "../kernel/wire";

/** A read that took longer than this to arrive is history, not news, and must say so. */
const LATE_MS = 60_000;

export function Late({ alarm }: { alarm: Alarm }): React.JSX.Element | null {
  const { t } = useTranslation();
  const raised = new Date(alarm.raised_at).getTime();
  if (!alarm.read) return null; // what is wrong with a thing says since when itself
  if (raised - new Date(alarm.observed_at).getTime() < LATE_MS) return null;
  const span = age(alarm.observed_at, raised);
  return <span className="tag late">{t("alarms.late", { span: `${span.value} ${t(`unit.${span.unit}`)}` })}</span>;
}
