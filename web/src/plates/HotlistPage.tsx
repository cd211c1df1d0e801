import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { localDay } from "../kernel/clock";
import { Icon } from "../kernel/icons";
import { ImportReportDialog } from "../kernel/ImportReport";
import { Empty, ProblemNotice } from "../kernel/Notice";
import { useRowKeys } from "../kernel/rows";
import type { Entry, ImportReport } from "../kernel/wire";
import { useMay } from "../trust/session";
import { EntriesExchange } from "./EntriesExchange";
import { EntryForm } from "./EntryForm";
import { useEntries, type EntryState } from "./entries";
import { PlateChip } from "./PlateChip";

const STATES: EntryState[] = ["active", "expired", "all"];

export function HotlistPage(): React.JSX.Element {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [state, setState] = useState<EntryState>("active");
  const [editing, setEditing] = useState<Entry | "new" | null>(null);
  const [report, setReport] = useState<{ name: string; report: ImportReport } | null>(null);
  const [way, setWay] = useState<"import" | "export" | null>(null);
  const may = useMay();
  const entries = useEntries(useDeferredValue(text.trim()), state);
  const rows = entries.data?.pages.flatMap((page) => page.items) ?? [];
  const keys = useRowKeys(rows.length, (index) => setEditing(rows[index] ?? null));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t("hotlist.title")}</h1>
        <input className="input" type="search" value={text} placeholder={t("hotlist.filter")} aria-label={t("hotlist.filter")}
          onChange={(event) => setText(event.target.value)} />
        <div className="segments" role="group" aria-label={t("hotlist.state")}>
          {STATES.map((each) => <button key={each} type="button" aria-pressed={state === each} onClick={() => setState(each)}>{t(`hotlist.${each}`)}</button>)}
        </div>
        <span className="grow" />
        {may("plates.edit_entries") && <button type="button" className="button" title={t("hotlist.columns")} onClick={() => setWay("import")}><Icon name="upload" />{t("action.import")}</button>}
        {may("plates.export_entries") && <button type="button" className="button" onClick={() => setWay("export")}><Icon name="download" />{t("action.export")}</button>}
        {may("plates.edit_entries") && <button type="button" className="button primary" onClick={() => setEditing("new")}><Icon name="plus" />{t("hotlist.add")}</button>}
      </div>
      <div className="table-box">
        <ProblemNotice error={entries.error} />
        {entries.isSuccess && rows.length === 0 && (
          <Empty title={text || state !== "active" ? t("hotlist.none") : t("hotlist.empty")} hint={t("hotlist.columns")} />
        )}
        {rows.length > 0 && <EntryTable rows={rows} keys={keys} />}
        {entries.hasNextPage && (
          <div className="results-end"><button type="button" className="button quiet" onClick={() => void entries.fetchNextPage()}>{t("plates.more")}</button></div>
        )}
      </div>
      {editing && <EntryForm entry={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      {way && <EntriesExchange way={way} onClose={() => setWay(null)} onReport={(done) => {
        setWay(null);
        setReport(done);
      }} />}
      {report && <ImportReportDialog {...report} onClose={() => setReport(null)} />}
    </main>
  );
}

function EntryTable({ rows, keys }: { rows: Entry[]; keys: ReturnType<typeof useRowKeys> }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{t("hotlist.plate")}</th><th>{t("hotlist.severity")}</th><th>{t("hotlist.category")}</th><th>{t("hotlist.reason")}</th>
          <th>{t("hotlist.case")}</th><th>{t("hotlist.from")}</th><th>{t("hotlist.until")}</th><th>{t("hotlist.by")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((entry, index) => (
          <tr key={entry.id} className={entry.active ? "" : "ended"} {...keys(index)}>
            <td><PlateChip plate={entry.plate} /></td>
            <td><span className={`severity-word ${entry.severity}`}>{t(`alarms.severities.${entry.severity}`)}</span></td>
            <td>{t(`hotlist.categories.${entry.category}`)}</td>
            <td className="reason-cell cut" dir="auto" title={entry.reason}>{entry.reason}</td>
            <td><span className="ltr">{entry.case_ref}</span></td>
            <td className="figures"><span className="ltr">{localDay(entry.valid_from)}</span></td>
            <td className="figures"><span className="ltr">{entry.valid_until ? localDay(entry.valid_until) : t("time.open_end")}</span></td>
            <td>{entry.created_by}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
