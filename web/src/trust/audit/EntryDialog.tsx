import { useTranslation } from "react-i18next";
import { Moment } from "../../kernel/Age";
import { Dialog } from "../../kernel/Dialog";
import { ProblemError } from "../../kernel/http";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import type { AuditEntry } from "../wire";
import { useProof, type AuditFilter } from "./audit";
import { OutcomeTag } from "./EntriesTable";
import { factsOf, type Verdict } from "./proof";

interface EntryDialogProps {
  entry: AuditEntry;
  keyText: string | undefined;
  onClose: () => void;
  onFilter: (change: Partial<AuditFilter>) => void;
}

export function EntryDialog({ entry, keyText, onClose, onFilter }: EntryDialogProps): React.JSX.Element {
  const { t } = useTranslation();
  const plate = typeof entry.details["plate"] === "string" ? entry.details["plate"] : null;
  return (
    <Dialog title={t("audit.entry", { position: entry.position })} onClose={onClose} wide>
      <div className="dialog-body">
        <p className="row-start"><span className="mono ltr">{entry.action}</span><OutcomeTag outcome={entry.outcome} /><Moment at={entry.at} /></p>
        <Proof entry={entry} keyText={keyText} />
        <dl className="leaf-facts">
          {factsOf(entry.leaf).map(([name, value]) => <div key={name}><dt className="mono ltr">{name}</dt><dd className="mono"><span className="ltr">{value}</span></dd></div>)}
        </dl>
        <details className="leaf"><summary>{t("audit.leaf")}</summary><pre className="mono ltr">{entry.leaf}</pre><p className="hash mono ltr">{entry.leaf_hash}</p></details>
      </div>
      <div className="dialog-foot">
        <span className="row-start start">
          {entry.username && <button type="button" className="button" onClick={() => onFilter({ actor: entry.username ?? "" })}>{t("audit.same_person")}</button>}
          {entry.authority && <button type="button" className="button" onClick={() => onFilter({ authority: entry.authority ?? "" })}>{t("audit.same_authority")}</button>}
          {plate && <button type="button" className="button" onClick={() => onFilter({ plate })}>{t("audit.same_plate")}</button>}
        </span>
        <button type="button" className="button primary" onClick={onClose}>{t("action.close")}</button>
      </div>
    </Dialog>
  );
}

/** The verdict of this browser, not of the centre. */
function Proof({ entry, keyText }: { entry: AuditEntry; keyText: string | undefined }): React.JSX.Element {
  const { t } = useTranslation();
  const proof = useProof(entry, keyText);
  if (proof.isPending) return <p className="muted">{t("audit.proving")}</p>;
  if (proof.error instanceof ProblemError && proof.error.problem.code === "not-signed-yet") {
    return <div className="notice"><p>{t("audit.signed_soon")}</p><button type="button" className="button small" onClick={() => void proof.refetch()}>{t("action.retry")}</button></div>;
  }
  if (!proof.data) return <ProblemNotice error={proof.error} />;
  return <VerdictNotice verdict={proof.data} />;
}

function VerdictNotice({ verdict }: { verdict: Verdict }): React.JSX.Element {
  const { t } = useTranslation();
  const good = verdict.path && verdict.signed !== "bad" && verdict.sameKey;
  const lines: [boolean, string][] = [
    [verdict.path, t(verdict.path ? "audit.path_good" : "audit.path_bad", { size: verdict.size })],
    [verdict.signed !== "bad", t(`audit.signature_${verdict.signed}`)],
    [verdict.sameKey, t(verdict.sameKey ? "audit.key_same" : "audit.key_other")],
  ];
  return (
    <div className={good ? "notice good" : "notice bad"} role="status" data-proof={good ? "valid" : "invalid"}>
      <Icon name={good ? "shield" : "warn"} />
      <div>
        <p><strong>{t(good ? "audit.proven" : "audit.not_proven")}</strong></p>
        <ul>{lines.map(([fine, text]) => <li key={text} className={fine ? "" : "invalid"}>{text}</li>)}</ul>
      </div>
    </div>
  );
}
