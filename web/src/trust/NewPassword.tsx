import { useState } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "../kernel/Announcer";
import { Dialog } from "../kernel/Dialog";
import { Field } from "../kernel/Field";
import { ProblemNotice } from "../kernel/Notice";
import { useNewPassword } from "./session";

const SHORTEST_PASSWORD = 12;

export interface PasswordChange {
  current: string;
  next: string;
  again: string;
}

interface PasswordFieldsProps {
  given: PasswordChange;
  onChange: (given: PasswordChange) => void;
  currentLabel: string;
}

export function PasswordFields({ given, onChange, currentLabel }: PasswordFieldsProps): React.JSX.Element {
  const { t } = useTranslation();
  const differs = given.again !== "" && given.again !== given.next;
  return (
    <>
      <Field label={currentLabel}>
        {(id) => <input id={id} className="input" dir="ltr" type="password" autoComplete="current-password" required
          value={given.current} onChange={(event) => onChange({ ...given, current: event.target.value })} />}
      </Field>
      <Field label={t("trust.new")} hint={t("trust.too_short")}>
        {(id) => <input id={id} className="input" dir="ltr" type="password" autoComplete="new-password" required minLength={SHORTEST_PASSWORD}
          value={given.next} onChange={(event) => onChange({ ...given, next: event.target.value })} />}
      </Field>
      <Field label={t("trust.again")}>
        {(id) => <input id={id} className="input" dir="ltr" type="password" autoComplete="new-password" required aria-invalid={differs}
          value={given.again} onChange={(event) => onChange({ ...given, again: event.target.value })} />}
      </Field>
      {differs && <p className="invalid" role="alert">{t("trust.not_same")}</p>}
    </>
  );
}

export function NewPassword({ onClose }: { onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const change = useNewPassword();
  const [given, setGiven] = useState<PasswordChange>({ current: "", next: "", again: "" });
  return (
    <Dialog title={t("trust.change")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (given.next !== given.again) return;
        change.mutate({ current: given.current, new: given.next }, {
          onSuccess: () => {
            announce(t("trust.changed"));
            onClose();
          },
        });
      }}>
        <div className="dialog-body">
          <PasswordFields given={given} onChange={setGiven} currentLabel={t("trust.current")} />
          <ProblemNotice error={change.error} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={change.isPending}>{t("trust.change")}</button>
        </div>
      </form>
    </Dialog>
  );
}
