import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../kernel/Field";
import { ProblemError } from "../kernel/http";
import { ProblemNotice } from "../kernel/Notice";
import { AddPasskey, PasskeySignIn } from "./factors/Passkeys";
import { CodeInput, TotpEnrolment } from "./factors/Totp";
import { Locked } from "./Locked";
import { PasswordFields } from "./NewPassword";
import { useNewPassword, useSecondFactor, useSession, useSignOut } from "./session";

/** What the session owes before it opens anything, one thing after the other. */
export function Owing({ owes }: { owes: string }): React.JSX.Element {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <div className="owing">
      {owes === "second_factor" && <SecondFactor />}
      {owes === "password" && <OwedPassword />}
      {owes === "enrol" && <Enrolment />}
      <button type="button" className="button quiet" onClick={() => signOut.mutate()}>{t("trust.sign_out")}</button>
    </div>
  );
}

function SecondFactor(): React.JSX.Element {
  const { t } = useTranslation();
  const factors = useSession().data?.factors;
  const show = useSecondFactor();
  const [code, setCode] = useState("");
  const refused = show.error instanceof ProblemError && show.error.status === 401;
  return (
    <>
      {factors?.totp !== false && (
        <form className="sign-in-form" onSubmit={(event) => {
          event.preventDefault();
          show.mutate(code.trim(), { onError: () => setCode("") });
        }}>
          <h2>{t("factors.second")}</h2>
          <Field label={t("factors.code_or_recovery")} hint={t("factors.code_hint")}>
            {(id) => <CodeInput id={id} value={code} onChange={setCode} />}
          </Field>
          {refused ? <p className="invalid" role="alert">{t("factors.code_wrong")}</p> : <Locked error={show.error} />}
          <button type="submit" className="button primary" disabled={show.isPending || code.trim() === ""}>{t("factors.go_on")}</button>
        </form>
      )}
      {(factors?.passkeys ?? 0) > 0 && <PasskeySignIn />}
    </>
  );
}

function OwedPassword(): React.JSX.Element {
  const { t } = useTranslation();
  const change = useNewPassword();
  const [given, setGiven] = useState({ current: "", next: "", again: "" });
  return (
    <form className="sign-in-form" onSubmit={(event) => {
      event.preventDefault();
      if (given.next === given.again) change.mutate({ current: given.current, new: given.next });
    }}>
      <h2>{t("trust.owed_password")}</h2>
      <p className="muted">{t("trust.owed_password_why")}</p>
      <PasswordFields given={given} onChange={setGiven} currentLabel={t("trust.one_time")} />
      <ProblemNotice error={change.error} />
      <button type="submit" className="button primary" disabled={change.isPending}>{t("trust.set_password")}</button>
    </form>
  );
}

function Enrolment(): React.JSX.Element {
  const { t } = useTranslation();
  const [way, setWay] = useState<"totp" | "passkey">("totp");
  return (
    <div className="sign-in-form">
      <h2>{t("factors.enrol")}</h2>
      <p className="muted">{t("factors.enrol_why")}</p>
      <div className="segments whole-width" role="group" aria-label={t("factors.enrol")}>
        <button type="button" aria-pressed={way === "totp"} onClick={() => setWay("totp")}>{t("factors.totp")}</button>
        <button type="button" aria-pressed={way === "passkey"} onClick={() => setWay("passkey")}>{t("factors.passkey")}</button>
      </div>
      {way === "totp" ? <TotpEnrolment onDone={() => undefined} /> : <AddPasskey onDone={() => undefined} />}
    </div>
  );
}
