import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import { canPasskeys, useAddPasskey, usePasskeySignIn, wasCancelled } from "./factors";

export function PasskeySignIn(): React.JSX.Element | null {
  const { t } = useTranslation();
  const signIn = usePasskeySignIn();
  if (!canPasskeys()) return null;
  return (
    <>
      <button type="button" className="button" disabled={signIn.isPending} onClick={() => signIn.mutate()}>
        <Icon name="key" />{t("factors.passkey_sign_in")}
      </button>
      <PasskeyProblem error={signIn.error} />
    </>
  );
}

export function PasskeyProblem({ error }: { error: unknown }): React.JSX.Element | null {
  const { t } = useTranslation();
  if (!error) return null;
  return wasCancelled(error) ? <p className="invalid" role="alert">{t("factors.passkey_cancelled")}</p> : <ProblemNotice error={error} />;
}

export function AddPasskey({ onDone }: { onDone: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const add = useAddPasskey();
  const [name, setName] = useState("");
  return (
    <form className="totp" onSubmit={(event) => {
      event.preventDefault();
      add.mutate(name.trim(), { onSuccess: onDone });
    }}>
      <p className="muted">{canPasskeys() ? t("factors.passkey_how") : t("factors.passkey_unable")}</p>
      <Field label={t("factors.passkey_name")} hint={t("factors.passkey_name_hint")}>
        {(id) => <input id={id} className="input" required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <PasskeyProblem error={add.error} />
      <button type="submit" className="button primary" disabled={!canPasskeys() || name.trim() === "" || add.isPending}>
        <Icon name="key" />{t("factors.passkey_add")}
      </button>
    </form>
  );
}
