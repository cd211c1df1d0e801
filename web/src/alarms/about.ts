import { useTranslation } from "react-i18next";
import type { Alarm } from "../kernel/wire";
import { useTroubleName } from "../video/health/names";

/** What an alarm of no vehicle is about, in the reader's language. */
export function useAbout(siteName: (code: string | null) => string): (alarm: Alarm) => string {
  const { t } = useTranslation();
  const nameOf = useTroubleName();
  return (alarm) => {
    if (alarm.kind === "site") return t("plain_alarm.site_dark", { site: siteName(alarm.site), count: alarm.cameras.length });
    const [first] = alarm.kind === "device" ? alarm.devices : alarm.cameras;
    return first ? `${nameOf(first.kind)} · ${first.name ?? first.code}` : alarm.title;
  };
}
