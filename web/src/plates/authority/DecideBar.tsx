import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { useKeys } from "../../kernel/keys";
import { ProblemNotice } from "../../kernel/Notice";
import { useStep, type Step } from "../../trust/authority/authorities";
import { useMay, useSession } from "../../trust/session";
import type { Authority } from "../../trust/wire";

const undecided = ({ state, emergency, decided_at }: Authority): boolean => state === "requested" || (state === "active" && emergency && decided_at === null);

/** What this person may do with it now; why not, where he may not. */
export function DecideBar({ authority }: { authority: Authority }): React.JSX.Element | null {
  const { t } = useTranslation();
  const may = useMay();
  const me = useSession().data?.account;
  const [step, setStep] = useState<Step | null>(null);
  const own = authority.requested_by.id === me?.id;
  const open = undecided(authority);
  const approver = me?.roles.some((role) => role.endsWith("approving_officer")) ?? false;
  const mayApprove = may("trust.approve_authority") && (!authority.beyond_tier || may("trust.approve_beyond_tier"));
  const decides = open && !own && may("trust.approve_authority");
  const revokes = authority.state === "active" && !open && may("trust.revoke_authority");
  const withdraws = own && (authority.state === "requested" || authority.state === "active") && may("trust.request_authority");
  useKeys(decides ? { ...(mayApprove ? { y: () => setStep("approve") } : {}), n: () => setStep("refuse") } : {});
  const note = !open ? null : own && approver ? t("authorities.own") : approver && !may("trust.approve_authority") ? t("authorities.needs_strong")
    : decides && !mayApprove ? t("authorities.needs_senior") : null;
  if (!decides && !revokes && !withdraws && note === null) return null;
  return (
    <footer className="decision">
      {note && <p className="muted">{note}</p>}
      <div className="decision-buttons">
        {decides && <button type="button" className="button bad" onClick={() => setStep("refuse")}>{t("authorities.refuse")} <kbd>n</kbd></button>}
        {decides && <button type="button" className="button good" disabled={!mayApprove} onClick={() => setStep("approve")}>{t("authorities.approve")} <kbd>y</kbd></button>}
        {revokes && <button type="button" className="button bad" onClick={() => setStep("revoke")}>{t("authorities.revoke")}</button>}
        {withdraws && <button type="button" className="button" onClick={() => setStep("withdraw")}>{t("authorities.withdraw")}</button>}
      </div>
      {step && <StepDialog authority={authority} step={step} onClose={() => setStep(null)} />}
    </footer>
  );
}

function StepDialog({ authority, step, onClose }: { authority: Authority; step: Step; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const take = useStep(authority.id);
  const [reason, setReason] = useState("");
  const needed = step === "refuse" || step === "revoke";
  const title = t(`authorities.ask_${step}`, { number: authority.number });
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        take.mutate({ step, reason: reason.trim() }, { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          <Field label={t("authorities.reason")}>
            {(id) => <textarea id={id} className="input" rows={3} dir="auto" maxLength={500} required={needed} value={reason} onChange={(event) => setReason(event.target.value)} />}
          </Field>
          <ProblemNotice error={take.error} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className={`button ${step === "approve" ? "good" : "bad"}`} disabled={take.isPending || (needed && reason.trim() === "")}>{t(`authorities.${step}`)}</button>
        </div>
      </form>
    </Dialog>
  );
}
