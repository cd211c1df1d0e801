import { useTranslation } from "react-i18next";
import { localDay } from "../kernel/clock";
import type { Entry } from "../kernel/wire";
import { PlateChip } from "../plates/PlateChip";

/** What the hot-list says of this vehicle, and what to do about it. */
export function Record({ entry }: { entry: Entry }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="record" aria-label={t("alarms.record")}>
      <header>
        <h3>{t("alarms.record")}</h3>
        <PlateChip plate={entry.plate} size="small" />
      </header>
      <p className="record-reason" dir="auto">{entry.reason}</p>
      <dl className="facts">
        <div><dt>{t("hotlist.category")}</dt><dd>{t(`hotlist.categories.${entry.category}`)}</dd></div>
        <div><dt>{t("hotlist.case")}</dt><dd><span className="ltr">{entry.case_ref || "–"}</span></dd></div>
        <div>
          <dt>{t("hotlist.until")}</dt>
          <dd>{entry.valid_until ? <span className="ltr">{localDay(entry.valid_until)}</span> : t("time.open_end")}</dd>
        </div>
        <div><dt>{t("hotlist.by")}</dt><dd>{entry.created_by}</dd></div>
      </dl>
      <p className="record-instructions" dir="auto">{entry.instructions || <span className="muted">{t("alarms.no_instructions")}</span>}</p>
    </section>
  );
}
