import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../kernel/Dialog";
import { ProblemError } from "../kernel/http";
import { Icon } from "../kernel/icons";
import { prefer, usePreferences } from "../kernel/preferences";
import { useOidc } from "./factors/factors";
import { PasskeySignIn } from "./factors/Passkeys";
import { Locked } from "./Locked";
import { Owing } from "./Owing";
import { useSession, useSignIn } from "./session";
import "./trust.css";

function SignInForm({ username }: { username?: string | undefined }): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const signIn = useSignIn();
  const oidc = useOidc().data;
  const [name, setName] = useState(username ?? "");
  const [password, setPassword] = useState("");
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  useEffect(() => (username ? passwordField : nameField).current?.focus(), [username]);
  const refused = signIn.error instanceof ProblemError && signIn.error.problem.code === "sign-in-refused";
  return (
    <div className="sign-in-ways">
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
        {refused ? <p className="invalid" role="alert">{t("trust.wrong")}</p> : <Locked error={signIn.error} />}
        <button type="submit" className="button primary" disabled={signIn.isPending}>
          {signIn.isPending ? t("trust.signing") : t("trust.sign_in")}
        </button>
      </form>
      <p className="or" aria-hidden="true"><span>{t("trust.or")}</span></p>
      <PasskeySignIn />
      {oidc?.enabled && <a className="button" href="/api/trust/oidc/start"><Icon name="on" />{t("trust.oidc", { name: oidc.name })}</a>}
    </div>
  );
}

/** Whatever stands between the person and the pages now. */
function Steps({ username }: { username?: string }): React.JSX.Element {
  const owes = useSession().data?.owes;
  return owes ? <Owing key={owes} owes={owes} /> : <SignInForm username={username} />;
}

export function SignInPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { theme, language } = usePreferences();
  const session = useSession().data;
  return (
    <main className="sign-in">
      <div className={session?.owes === "enrol" ? "sign-in-card broad" : "sign-in-card"}>
        <header>
          <img src="/amaan.svg" alt="" width="40" height="40" />
          <div>
            <h1>{t("app.name")}</h1>
            <p className="muted">{session ? session.account.display_name : t("app.tagline")}</p>
          </div>
        </header>
        <Steps />
        {!session && <p className="faint sign-in-hint">{t("trust.first")}</p>}
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
        <Steps username={username} />
      </div>
    </Dialog>
  );
}
