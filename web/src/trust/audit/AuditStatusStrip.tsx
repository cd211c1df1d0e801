import { useTranslation } from "react-i18next";
import { Age } from "../../kernel/Age";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import type { AuditStatus } from "../wire";

/** How far the log has grown, what was signed of it, and who outside has seen that. */
export function AuditStatusStrip({ status, error }: { status: AuditStatus | undefined; error: unknown }): React.JSX.Element {
  const { t } = useTranslation();
  if (!status) return <ProblemNotice error={error} />;
  return (
    <ul className="audit-status figures" role="status">
      <li>{t("audit.size", { count: status.size })}</li>
      {status.checkpoint
        ? <li><span className="tag good"><Icon name="shield" />{t("audit.signed_to", { size: status.checkpoint.size })}</span> <Age at={status.checkpoint.at} /></li>
        : <li><span className="tag warn">{t("audit.not_signed")}</span></li>}
      {status.witnesses.length === 0 && <li className="faint">{t("audit.no_witness")}</li>}
      {status.witnesses.map((witness) => (
        <li key={witness.name} title={witness.name}>
          <span className={witness.size === null ? "tag warn" : "tag"}><Icon name="eye" /><span className="ltr">{witness.name.split("/")[0]}</span>: {witness.size ?? "–"}</span> {witness.at && <Age at={witness.at} />}
        </li>
      ))}
      {status.late > 0 && <li><span className="tag warn">{t("audit.late", { count: status.late })}</span></li>}
      {status.state !== "ok" && <li><span className="tag bad" title={status.reason ?? ""}><Icon name="warn" />{t("audit.diverged")}</span></li>}
    </ul>
  );
}
