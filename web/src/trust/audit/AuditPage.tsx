import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { MoreRows, rowsOf } from "../../kernel/paging";
import { useRowKeys } from "../../kernel/rows";
import { useAllowed } from "../session";
import "../trust.css";
import type { AuditEntry } from "../wire";
import { exportUrl, NO_FILTER, useEntries, useStatus, type AuditFilter } from "./audit";
import { AuditFilters } from "./AuditFilters";
import { AuditStatusStrip } from "./AuditStatusStrip";
import { EntriesTable } from "./EntriesTable";
import { EntryDialog } from "./EntryDialog";

/** Who did what, when and why; looking here is written down too. */
export function AuditPage(): React.JSX.Element {
  const { t } = useTranslation();
  const exports = useAllowed("trust.export_audit");
  const [filter, setFilter] = useState<AuditFilter>(NO_FILTER);
  const [opened, setOpened] = useState<AuditEntry | null>(null);
  const entries = useEntries(filter);
  const status = useStatus();
  const rows = rowsOf(entries);
  const keys = useRowKeys(rows.length, (index) => setOpened(rows[index] ?? null));
  return (
    <main className="page audit-page">
      <div className="page-head">
        <h1>{t("audit.title")}</h1>
        <AuditStatusStrip status={status.data} error={status.error} />
        <span className="grow" />
        <button type="button" className="button" disabled={entries.isFetching} onClick={() => void entries.refetch()}>{t("audit.refresh")}</button>
        {exports && <a className="button" href={exportUrl(filter)} download="amaan-audit.jsonl"><Icon name="download" />{t("audit.export")}</a>}
      </div>
      <AuditFilters key={JSON.stringify(filter)} filter={filter} onChange={setFilter} />
      <div className="table-box" aria-busy={entries.isFetching}>
        <ProblemNotice error={entries.error} onRetry={() => void entries.refetch()} />
        {entries.isPending && <Empty title={t("app.loading")} />}
        {entries.isSuccess && rows.length === 0 && <Empty title={t("audit.none")} />}
        {rows.length > 0 && <EntriesTable rows={rows} keys={keys} />}
        <MoreRows pages={entries} count={rows.length} />
      </div>
      {opened && <EntryDialog entry={opened} keyText={status.data?.key} onClose={() => setOpened(null)} onFilter={(change) => {
        setOpened(null);
        setFilter({ ...NO_FILTER, ...change });
      }} />}
    </main>
  );
}
