import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import { SessionRows } from "../SessionsTable";
import { useSession } from "../session";
import type { AccountView } from "../wire";
import { useAccountSessions, useChangeAccount, useEndAccountSessions, useResetAccount } from "./accounts";
import { Grants } from "./Grants";

interface AccountDialogProps {
  account: AccountView;
  manages: boolean;
  onClose: () => void;
  onPassword: (password: string) => void;
}

export function AccountDialog({ account, manages, onClose, onPassword }: AccountDialogProps): React.JSX.Element {
  const { t } = useTranslation();
  const own = useSession().data?.account.id === account.id;
  const change = useChangeAccount();
  const reset = useResetAccount();
  const [name, setName] = useState(account.display_name);
  const [grants, setGrants] = useState(account.grants);
  const alter = manages && !own;
  const save = () => {
    const next = { ...(name === account.display_name ? {} : { display_name: name }), ...(own ? {} : { grants }) };
    change.mutate({ id: account.id, change: next }, { onSuccess: onClose });
  };
  return (
    <Dialog title={account.display_name} onClose={onClose} wide>
      <form onSubmit={(event) => {
        event.preventDefault();
        save();
      }}>
        <div className="dialog-body">
          {account.disabled_at && <div className="notice warn"><Icon name="lock" /><p>{t("accounts.is_disabled")}</p></div>}
          <div className="form-grid">
            <Field label={t("accounts.name")}>
              {(id) => <input id={id} className="input" required dir="auto" disabled={!manages} value={name} onChange={(event) => setName(event.target.value)} />}
            </Field>
            <Field label={t("trust.username")}>
              {(id) => <input id={id} className="input mono" dir="ltr" disabled value={account.username} />}
            </Field>
          </div>
          <Grants grants={grants} disabled={!alter} onChange={setGrants} />
          {own && <p className="muted">{t("accounts.own")}</p>}
          <AccountSessions id={account.id} manages={manages} />
          <ProblemNotice error={change.error ?? reset.error} />
        </div>
        <div className="dialog-foot">
          {alter && (
            <>
              <button type="button" className="button bad" onClick={() => change.mutate({ id: account.id, change: { disabled: account.disabled_at === null } }, { onSuccess: onClose })}>
                {t(account.disabled_at ? "accounts.enable" : "accounts.disable")}
              </button>
              <button type="button" className="button start" onClick={() => {
                if (window.confirm(t("accounts.reset_sure", { username: account.username }))) reset.mutate(account.id, { onSuccess: ({ password }) => onPassword(password) });
              }}>{t("accounts.reset")}</button>
            </>
          )}
          <button type="button" className="button" onClick={onClose}>{t("action.close")}</button>
          {manages && <button type="submit" className="button primary" disabled={change.isPending || grants.length === 0}>{t("action.save")}</button>}
        </div>
      </form>
    </Dialog>
  );
}

function AccountSessions({ id, manages }: { id: string; manages: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  const sessions = useAccountSessions(id);
  const end = useEndAccountSessions(id);
  const rows = sessions.data?.items ?? [];
  return (
    <section className="card" aria-label={t("accounts.sessions")}>
      <header>
        <h3>{t("accounts.sessions")}</h3>
        {manages && <button type="button" className="button small" disabled={rows.length === 0 || end.isPending} onClick={() => end.mutate(undefined)}>{t("accounts.end_all")}</button>}
      </header>
      <ProblemNotice error={sessions.error ?? end.error} />
      {rows.length === 0 ? <p className="muted">{t("accounts.no_session")}</p> : <SessionRows rows={rows} />}
    </section>
  );
}
