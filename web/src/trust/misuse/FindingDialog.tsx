import { useState } from "react";
import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../../kernel/clock";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { gist } from "../audit/EntriesTable";
import type { Finding } from "../wire";
import { useDetectorName } from "./detectors";
import { useFinding, useReview } from "./misuse";

const DECISIONS = ["explained", "referred"] as const;

export function FindingDialog({ finding, onClose }: { finding: Finding; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const detector = useDetectorName();
  const detail = useFinding(finding.id);
  return (
    <Dialog title={`${detector(finding.detector)} · ${finding.username}`} onClose={onClose} wide>
      <div className="dialog-body">
        <p dir="auto">{finding.explanation}</p>
        <dl className="facts">
          <div><dt>{t("findings.what")}</dt><dd className="mono"><span className="ltr">{finding.subject}</span></dd></div>
          <div><dt>{t("plates.time")}</dt><dd className="figures"><span className="ltr">{localMoment(finding.since, now)}</span> – <span className="ltr">{localMoment(finding.until, now)}</span></dd></div>
        </dl>
        <h3>{t("findings.behind")}</h3>
        <ProblemNotice error={detail.error} />
        {detail.isPending && <Empty title={t("app.loading")} />}
        {detail.data && (
          <div className="table-box evidence">
            <table className="table">
              <thead><tr><th className="number">{t("audit.position")}</th><th>{t("plates.time")}</th><th>{t("audit.action")}</th><th>{t("audit.details")}</th></tr></thead>
              <tbody>
                {detail.data.entries.map((entry) => (
                  <tr key={entry.position}>
                    <td className="number">{entry.position}</td>
                    <td className="figures line"><span className="ltr">{localMoment(entry.at, now)}</span></td>
                    <td className="mono line"><span className="ltr">{entry.action}</span></td>
                    <td className="muted"><span className="ltr">{gist(entry.details)}</span></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {finding.decision !== null && <div className="notice"><div><p><strong>{t(`findings.decisions.${finding.decision}`)}</strong></p><p dir="auto">{finding.note}</p></div></div>}
      </div>
      {finding.decision === null && <ReviewForm id={finding.id} onClose={onClose} />}
    </Dialog>
  );
}

function ReviewForm({ id, onClose }: { id: string; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const review = useReview(id);
  const [decision, setDecision] = useState<(typeof DECISIONS)[number]>("explained");
  const [note, setNote] = useState("");
  return (
    <form className="review-form" onSubmit={(event) => {
      event.preventDefault();
      review.mutate({ decision, note: note.trim() }, { onSuccess: onClose });
    }}>
      <div className="dialog-body">
        <fieldset className="inline-choices">
          <legend>{t("findings.review")}</legend>
          {DECISIONS.map((each) => <label key={each} className="check"><input type="radio" name="decision" checked={decision === each} onChange={() => setDecision(each)} />{t(`findings.decisions.${each}`)}</label>)}
        </fieldset>
        <Field label={t("findings.note")}>
          {(field) => <textarea id={field} className="input" rows={2} dir="auto" required maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />}
        </Field>
        <ProblemNotice error={review.error} />
      </div>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>{t("action.close")}</button>
        <button type="submit" className={decision === "referred" ? "button bad" : "button primary"} disabled={review.isPending || note.trim() === ""}>{t("findings.send")}</button>
      </div>
    </form>
  );
}
