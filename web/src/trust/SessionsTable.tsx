import { useTranslation } from "react-i18next";
import { Age, Moment } from "../kernel/Age";
import { ProblemNotice } from "../kernel/Notice";
import { useEndSession, useSessions } from "./factors/factors";
import type { SignedIn } from "./wire";

/** "Chrome on Windows" out of what the browser says of itself; the whole text stays as the title. */
export function browserOf(agent: string): string {
  const browser = /(Edg|Firefox|Chrome|Safari|curl|python-httpx)/.exec(agent)?.[1]?.replace("Edg", "Edge") ?? agent.slice(0, 24);
  const system = /(Windows|Android|iPhone|Mac OS X|Linux)/.exec(agent)?.[1] ?? "";
  return [browser, system].filter(Boolean).join(" · ") || "–";
}

const METHODS = ["password", "totp", "passkey", "oidc"] as const;
const isMethod = (name: string): name is (typeof METHODS)[number] => (METHODS as readonly string[]).includes(name);

/** Where I am signed in, and how to end it elsewhere. */
export function SessionsTable(): React.JSX.Element {
  const { t } = useTranslation();
  const sessions = useSessions();
  const end = useEndSession();
  const rows = sessions.data?.items ?? [];
  return (
    <section className="card" aria-label={t("account.sessions")}>
      <header>
        <h2>{t("account.sessions")}</h2>
        <button type="button" className="button bad" disabled={rows.length < 2 || end.isPending} onClick={() => end.mutate(null)}>{t("account.end_others")}</button>
      </header>
      <ProblemNotice error={sessions.error ?? end.error} />
      <SessionRows rows={rows} onEnd={(id) => end.mutate(id)} />
    </section>
  );
}

interface SessionRowsProps {
  rows: SignedIn[];
  onEnd?: (id: string) => void;
}

export function SessionRows({ rows, onEnd }: SessionRowsProps): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="table-box">
      <table className="table">
        <thead>
          <tr><th>{t("account.browser")}</th><th>{t("account.address")}</th><th>{t("account.method")}</th><th>{t("account.began")}</th><th>{t("account.seen")}</th>{onEnd && <th><span className="unseen">{t("account.end")}</span></th>}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td title={row.agent}><span className="ltr">{browserOf(row.agent)}</span> {row.current && <span className="tag">{t("account.this_one")}</span>}</td>
              <td className="mono"><span className="ltr">{row.address}</span></td>
              <td>{isMethod(row.method) ? t(`account.methods.${row.method}`) : row.method}</td>
              <td><Moment at={row.created_at} /></td>
              <td><Age at={row.last_seen_at} /></td>
              {onEnd && <td className="number">{!row.current && <button type="button" className="button small" onClick={() => onEnd(row.id)}>{t("account.end")}</button>}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
