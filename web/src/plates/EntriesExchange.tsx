import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../kernel/Dialog";
import { query } from "../kernel/http";
import { Icon } from "../kernel/icons";
import { ProblemNotice } from "../kernel/Notice";
import type { ImportReport } from "../kernel/wire";
import { useMyActive } from "../trust/authority/authorities";
import { AuthoritySelect } from "./AuthorityBar";
import { useImportEntries } from "./entries";

interface ExchangeProps {
  onClose: () => void;
  onReport: (report: { name: string; report: ImportReport }) => void;
  way: "import" | "export";
}

/** In and out as CSV, always of one authority. */
export function EntriesExchange({ way, onClose, onReport }: ExchangeProps): React.JSX.Element {
  const { t } = useTranslation();
  const { rows, ready } = useMyActive("entry");
  const [picked, setPicked] = useState<string | null>(null);
  const chosen = picked ?? (rows.length === 1 ? (rows[0]?.id ?? null) : null);
  const file = useRef<HTMLInputElement>(null);
  const importing = useImportEntries();
  return (
    <Dialog title={t(way === "import" ? "action.import" : "action.export")} onClose={onClose}>
      <div className="dialog-body">
        <p className="muted">{t(way === "import" ? "hotlist.columns" : "hotlist.export_about")}</p>
        <AuthoritySelect choices={rows} chosen={chosen} onChoose={setPicked} />
        {ready && rows.length === 0 && <p className="invalid">{t("under.entry_needed")}</p>}
        <ProblemNotice error={importing.error} />
        <input ref={file} type="file" accept=".csv,text/csv" hidden aria-label={t("action.import")} onChange={(event) => {
          const given = event.target.files?.[0];
          event.target.value = "";
          if (given && chosen) importing.mutate({ file: given, authority: chosen }, { onSuccess: (report) => onReport({ name: given.name, report }) });
        }} />
      </div>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
        {way === "import"
          ? <button type="button" className="button primary" disabled={chosen === null || importing.isPending} onClick={() => file.current?.click()}><Icon name="upload" />{t("hotlist.choose_file")}</button>
          : chosen !== null && <a className="button primary" href={`/api/plates/entries/export${query({ authority: chosen })}`} download="hot-list.csv" onClick={onClose}><Icon name="download" />{t("action.export")}</a>}
      </div>
    </Dialog>
  );
}
