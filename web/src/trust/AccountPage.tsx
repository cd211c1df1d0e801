import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "../kernel/Age";
import { localDay } from "../kernel/clock";
import { Dialog } from "../kernel/Dialog";
import { Field } from "../kernel/Field";
import { Icon } from "../kernel/icons";
import { ProblemNotice } from "../kernel/Notice";
import { usePasskeys, useRemovePasskey, useTotpRemove } from "./factors/factors";
import { AddPasskey } from "./factors/Passkeys";
import { TotpEnrolment } from "./factors/Totp";
import { NewPassword } from "./NewPassword";
import { useRoleName } from "./roles";
import { SessionsTable } from "./SessionsTable";
import { useSession } from "./session";
import "./trust.css";

type Over = "password" | "totp" | "totp-off" | "passkey" | null;

/** My own: where I am signed in, and how I prove who I am. */
export function AccountPage(): React.JSX.Element {
  const { t } = useTranslation();
  const session = useSession().data;
  const roleName = useRoleName();
  const [over, setOver] = useState<Over>(null);
  const close = () => setOver(null);
  if (!session) return <main className="page" />;
  const { account, factors } = session;
  return (
    <main className="page">
      <div className="page-head"><h1>{t("account.title")}</h1></div>
      <div className="sheet-page">
        <section className="card">
          <header><h2>{account.display_name}</h2><span className="mono ltr muted">{account.username}</span></header>
          <ul className="tags">
            {account.grants.map((grant) => (
              <li key={`${grant.role} ${grant.group ?? ""}`} className="tag">{roleName(grant.role)}{grant.group ? ` · ${grant.group}` : ` · ${t("accounts.everywhere")}`}</li>
            ))}
          </ul>
        </section>
        <section className="card" aria-label={t("account.proofs")}>
          <header><h2>{t("account.proofs")}</h2></header>
          <div className="proof">
            <div><strong>{t("trust.password")}</strong><p className="muted">{t("account.password_about")}</p></div>
            <button type="button" className="button" onClick={() => setOver("password")}>{t("trust.change")}</button>
          </div>
          <div className="proof">
            <div>
              <strong>{t("factors.totp")}</strong>
              <p className="muted">{t(factors.totp ? "account.totp_on" : "account.totp_off")}</p>
            </div>
            {factors.totp
              ? <button type="button" className="button" onClick={() => setOver("totp-off")}>{t("account.turn_off")}</button>
              : <button type="button" className="button" onClick={() => setOver("totp")}>{t("account.set_up")}</button>}
          </div>
          <Passkeys onAdd={() => setOver("passkey")} />
        </section>
        <SessionsTable />
      </div>
      {over === "password" && <NewPassword onClose={close} />}
      {over === "totp" && (
        <Dialog title={t("factors.totp")} onClose={close}><div className="dialog-body"><TotpEnrolment onDone={close} /></div></Dialog>
      )}
      {over === "totp-off" && <TotpOff onClose={close} />}
      {over === "passkey" && (
        <Dialog title={t("factors.passkey_add")} onClose={close}><div className="dialog-body"><AddPasskey onDone={close} /></div></Dialog>
      )}
    </main>
  );
}

function Passkeys({ onAdd }: { onAdd: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const passkeys = usePasskeys();
  const remove = useRemovePasskey();
  return (
    <div className="proof-list">
      <div className="proof">
        <div><strong>{t("factors.passkeys")}</strong><p className="muted">{t("account.passkeys_about")}</p></div>
        <button type="button" className="button" onClick={onAdd}><Icon name="plus" />{t("factors.passkey_add")}</button>
      </div>
      <ProblemNotice error={passkeys.error ?? remove.error} />
      <ul>
        {passkeys.data?.items.map((passkey) => (
          <li key={passkey.id}>
            <Icon name="key" /><span className="cut" dir="auto">{passkey.name}</span>
            <span className="muted figures"><span className="ltr">{localDay(passkey.created_at)}</span></span>
            <span className="muted">{passkey.last_used_at ? <Age at={passkey.last_used_at} /> : t("time.never")}</span>
            <button type="button" className="button small" onClick={() => {
              if (window.confirm(t("account.passkey_remove_sure", { name: passkey.name }))) remove.mutate(passkey.id);
            }}>{t("action.remove")}</button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function TotpOff({ onClose }: { onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const remove = useTotpRemove();
  const [password, setPassword] = useState("");
  return (
    <Dialog title={t("account.totp_remove")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        remove.mutate(password, { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          <Field label={t("trust.password")}>
            {(id) => <input id={id} className="input" dir="ltr" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />}
          </Field>
          <ProblemNotice error={remove.error} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button bad" disabled={remove.isPending}>{t("account.turn_off")}</button>
        </div>
      </form>
    </Dialog>
  );
}
