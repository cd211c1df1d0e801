import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import type { ImportReport } from "./wire";

interface ImportReportProps {
  name: string;
  report: ImportReport;
  onClose: () => void;
}

/** Every refused line with its number, its column and why. */
export function ImportReportDialog({ name, report, onClose }: ImportReportProps): React.JSX.Element {
  const { t } = useTranslation();
  const rejected = report.rejected_count ?? report.rejected.length;
  return (
    <Dialog title={t("hotlist.import_title", { name })} onClose={onClose} wide>
      <div className="dialog-body">
        <p>
          <strong>{t("hotlist.accepted", { count: report.accepted })}</strong>
          {", "}
          {rejected === 0 ? t("hotlist.import_clean") : t("hotlist.rejected", { count: rejected })}
        </p>
        {report.rejected.length > 0 && (
          <div className="table-box">
            <table className="table">
              <thead>
                <tr><th className="number">{t("hotlist.line")}</th><th>{t("hotlist.column")}</th><th>{t("hotlist.reason")}</th><th>{t("hotlist.row")}</th></tr>
              </thead>
              <tbody>
                {report.rejected.map((line) => (
                  <tr key={`${line.line} ${line.column}`}>
                    <td className="number">{line.line}</td>
                    <td className="mono ltr">{line.column}</td>
                    <td>{line.reason}</td>
                    <td className="mono ltr cut">{line.row}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
      <div className="dialog-foot">
        <button type="button" className="button primary" onClick={onClose}>{t("action.close")}</button>
      </div>
    </Dialog>
  );
}
