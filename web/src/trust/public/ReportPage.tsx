import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { query } from "../../kernel/http";
import { usePreferences } from "../../kernel/preferences";
import "../trust.css";
import { monthAfter, reportUrl, useReport } from "./public";
import { ReportTableCard } from "./ReportTableCard";

const month = (at: Date): string => at.toISOString().slice(0, 7);

/** The figures that the public is given, over whole months. */
export function ReportPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const [now] = useState(() => month(new Date()));
  const [given, setGiven] = useState({ first: now, last: now });
  const [from, to] = [`${given.first}-01`, `${monthAfter(given.last)}-01`];
  const report = useReport(from, to);
  const tables = Object.entries(report.data?.tables ?? {});
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t("report.title")}</h1>
        <div className="months">
          <Field label={t("report.first")}>{(id) => <input id={id} className="input" dir="ltr" type="month" required max={given.last} value={given.first} onChange={(event) => event.target.value && setGiven({ ...given, first: event.target.value })} />}</Field>
          <Field label={t("report.last")}>{(id) => <input id={id} className="input" dir="ltr" type="month" required min={given.first} max={now} value={given.last} onChange={(event) => event.target.value && setGiven({ ...given, last: event.target.value })} />}</Field>
        </div>
        <span className="grow" />
        <a className="button" href={`/api/trust/report.html${query({ from, to, lang: language })}`} target="_blank" rel="noreferrer"><Icon name="expand" />{t("report.printable")}</a>
        <a className="button" href={reportUrl(from, to)} download={`amaan-report-${given.first}-${given.last}.json`}><Icon name="download" />{t("report.download")}</a>
      </div>
      <div className="sheet-page">
        <ProblemNotice error={report.error} onRetry={() => void report.refetch()} />
        {report.isPending && <Empty title={t("app.loading")} />}
        {report.data && (
          <section className="card">
            <p>{t("report.suppressed", { count: report.data.suppressed_below })}</p>
            {given.last === now && <p className="invalid">{t("report.draft")}</p>}
            <p className="muted">{t("report.counted", { size: report.data.log.size })}</p>
            <p className="hash mono ltr">{report.data.log.root}</p>
          </section>
        )}
        <div className="report-tables">
          {tables.map(([name, table]) => <ReportTableCard key={name} name={name} table={table} />)}
        </div>
      </div>
    </main>
  );
}
