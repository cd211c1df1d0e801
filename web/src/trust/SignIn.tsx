import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../kernel/Dialog";
import { ProblemError } from "../kernel/http";
import { Icon } from "../kernel/icons";
import { ProblemNotice } from "../kernel/Notice";
import { prefer, usePreferences } from "../kernel/preferences";
import { useNewPassword, useSignIn } from "./session";
import "./trust.css";

function SignInForm({ username }: { username?: string }): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const signIn = useSignIn();
  const [name, setName] = useState(username ?? "");
  const [password, setPassword] = useState("");
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  useEffect(() => (username ? passwordField : nameField).current?.focus(), [username]);
  const refused = signIn.error instanceof ProblemError && signIn.error.problem.code === "sign-in-refused";
  return (
    <form
      className="sign-in-form"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate({ username: name, password }, { onError: () => setPassword("") });
      }}
    >
      <div className="field">
        <label htmlFor={`${id}-name`}>{t("trust.username")}</label>
        <input id={`${id}-name`} className="input" dir="ltr" autoComplete="username" autoCapitalize="none" required
          ref={nameField} value={name} onChange={(event) => setName(event.target.value)} />
      </div>
      <div className="field">
        <label htmlFor={`${id}-password`}>{t("trust.password")}</label>
        <input id={`${id}-password`} className="input" dir="ltr" type="password" autoComplete="current-password" required
          ref={passwordField} value={password} onChange={(event) => setPassword(event.target.value)} />
      </div>
      {refused ? <p className="invalid" role="alert">{t("trust.wrong")}</p> : <ProblemNotice error={signIn.error} />}
      <button type="submit" className="button primary" disabled={signIn.isPending}>
        {signIn.isPending ? t("trust.signing") : t("trust.sign_in")}
      </button>
    </form>
  );
}

export function SignInPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { theme, language } = usePreferences();
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <header>
          <img src="/amaan.svg" alt="" width="40" height="40" />
          <div>
            <h1>{t("app.name")}</h1>
            <p className="muted">{t("app.tagline")}</p>
          </div>
        </header>
        <SignInForm />
        <p className="faint sign-in-hint">{t("trust.first")}</p>
      </div>
      <div className="sign-in-settings">
        <button type="button" className="button quiet" onClick={() => prefer({ language: language === "en" ? "ur" : "en" })}
          lang={language === "en" ? "ur" : "en"}>
          {t("language.switch")}
        </button>
        <button type="button" className="button quiet" onClick={() => prefer({ theme: theme === "dark" ? "light" : "dark" })}>
          <Icon name={theme === "dark" ? "sun" : "moon"} />
          {theme === "dark" ? t("theme.light") : t("theme.dark")}
        </button>
      </div>
    </main>
  );
}

/** Lies over the page, which stays as it was. */
export function SignInAgain({ username }: { username: string }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <Dialog title={t("trust.expired")} onClose={() => undefined} dismissible={false}>
      <div className="dialog-body">
        <p className="muted">{t("trust.expired_hint")}</p>
        <SignInForm username={username} />
      </div>
    </Dialog>
  );
}

const SHORTEST_PASSWORD = 12;

export function NewPassword({ onClose }: { onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const change = useNewPassword();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  return (
    <Dialog title={t("trust.change")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ current, new: next }, { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          <div className="field">
            <label htmlFor={`${id}-current`}>{t("trust.current")}</label>
            <input id={`${id}-current`} className="input" dir="ltr" type="password" autoComplete="current-password" required
              value={current} onChange={(event) => setCurrent(event.target.value)} />
          </div>
          <div className="field">
            <label htmlFor={`${id}-new`}>{t("trust.new")}</label>
            <input id={`${id}-new`} className="input" dir="ltr" type="password" autoComplete="new-password" required
              minLength={SHORTEST_PASSWORD} value={next} onChange={(event) => setNext(event.target.value)} />
            <span className="hint">{t("trust.too_short")}</span>
          </div>
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
