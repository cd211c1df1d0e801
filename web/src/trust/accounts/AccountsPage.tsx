import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { MoreRows, rowsOf } from "../../kernel/paging";
import { useRowKeys } from "../../kernel/rows";
import { useRoleName } from "../roles";
import { useAllowed } from "../session";
import "../trust.css";
import type { AccountView } from "../wire";
import { AccountDialog } from "./AccountDialog";
import { useAccounts } from "./accounts";
import { GroupsPanel } from "./Groups";
import { NewAccountDialog } from "./NewAccount";
import { OneTime } from "./OneTime";

/** A site as the group editor offers it; the shell brings them. */
export interface SiteOption {
  code: string;
  name: string;
}

type Over = { kind: "new" } | { kind: "edit"; account: AccountView } | { kind: "password"; username: string; password: string } | null;

export function AccountsPage({ sites }: { sites: SiteOption[] }): React.JSX.Element {
  const { t } = useTranslation();
  const manages = useAllowed("trust.manage_accounts");
  const [part, setPart] = useState<"accounts" | "groups">("accounts");
  const [text, setText] = useState("");
  const [over, setOver] = useState<Over>(null);
  const accounts = useAccounts();
  const wanted = text.trim().toLowerCase();
  const rows = rowsOf(accounts).filter((each) => `${each.username} ${each.display_name}`.toLowerCase().includes(wanted));
  const keys = useRowKeys(part === "accounts" ? rows.length : 0, (index) => rows[index] && setOver({ kind: "edit", account: rows[index] }));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t("accounts.title")}</h1>
        <div className="segments" role="group" aria-label={t("accounts.title")}>
          {(["accounts", "groups"] as const).map((each) => (
            <button key={each} type="button" aria-pressed={part === each} onClick={() => setPart(each)}>{t(`accounts.part_${each}`)}</button>
          ))}
        </div>
        {part === "accounts" && (
          <>
            <input className="input" type="search" value={text} placeholder={t("accounts.filter")} aria-label={t("accounts.filter")} onChange={(event) => setText(event.target.value)} />
            <span className="grow" />
            {manages && <button type="button" className="button primary" onClick={() => setOver({ kind: "new" })}><Icon name="plus" />{t("accounts.add")}</button>}
          </>
        )}
      </div>
      {part === "groups" ? <GroupsPanel sites={sites} manages={manages} /> : (
        <div className="table-box">
          <ProblemNotice error={accounts.error} onRetry={() => void accounts.refetch()} />
          {accounts.isSuccess && rows.length === 0 && <Empty title={t("accounts.none")} />}
          {rows.length > 0 && <AccountTable rows={rows} keys={keys} />}
          <MoreRows pages={accounts} count={rows.length} />
        </div>
      )}
      {over?.kind === "new" && (
        <NewAccountDialog onClose={() => setOver(null)} onCreated={({ account, password }) => setOver({ kind: "password", username: account.username, password })} />
      )}
      {over?.kind === "edit" && (
        <AccountDialog account={over.account} manages={manages} onClose={() => setOver(null)}
          onPassword={(password) => setOver({ kind: "password", username: over.account.username, password })} />
      )}
      {over?.kind === "password" && <OneTime username={over.username} password={over.password} onClose={() => setOver(null)} />}
    </main>
  );
}

function AccountTable({ rows, keys }: { rows: AccountView[]; keys: ReturnType<typeof useRowKeys> }): React.JSX.Element {
  const { t } = useTranslation();
  const roleName = useRoleName();
  return (
    <table className="table">
      <thead>
        <tr><th>{t("accounts.name")}</th><th>{t("trust.username")}</th><th>{t("accounts.grants")}</th><th>{t("factors.second")}</th><th>{t("accounts.state")}</th></tr>
      </thead>
      <tbody>
        {rows.map((account, index) => (
          <tr key={account.id} className={account.disabled_at ? "ended" : ""} {...keys(index)}>
            <td><bdi>{account.display_name}</bdi></td>
            <td className="mono"><span className="ltr">{account.username}</span></td>
            <td>
              <span className="tags">
                {account.grants.map((grant) => (
                  <span key={`${grant.role} ${grant.group ?? ""}`} className="tag">{roleName(grant.role)}{grant.group && <> · <span className="ltr">{grant.group}</span></>}</span>
                ))}
              </span>
            </td>
            <td>
              {[account.factors.totp ? t("factors.totp") : "", account.factors.passkeys > 0 ? t("accounts.passkeys", { count: account.factors.passkeys }) : ""]
                .filter(Boolean).join(" · ") || <span className="faint">{t("accounts.no_factor")}</span>}
            </td>
            <td><AccountState account={account} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AccountState({ account }: { account: AccountView }): React.JSX.Element {
  const { t } = useTranslation();
  if (account.disabled_at) return <span className="tag bad">{t("accounts.disabled")}</span>;
  if (account.locked_until) return <span className="tag warn">{t("accounts.locked")}</span>;
  if (account.must_change_password) return <span className="tag note">{t("accounts.fresh")}</span>;
  return <span className="tag good">{t("accounts.active")}</span>;
}
