import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../../kernel/clock";
import type { useRowKeys } from "../../kernel/rows";
import type { AuditEntry, Outcome } from "../wire";

const LOOKS: Record<Outcome, string> = { allowed: "tag", denied: "tag bad", failed: "tag warn", begun: "tag note" };

export function OutcomeTag({ outcome }: { outcome: Outcome }): React.JSX.Element {
  const { t } = useTranslation();
  return <span className={LOOKS[outcome]}>{t(`audit.outcomes.${outcome}`)}</span>;
}

/** The few facts that say most of an entry: what was looked for, and how much came. */
export function gist(details: Record<string, unknown>): string {
  const shown = (value: unknown): string => (Array.isArray(value) ? value.slice(0, 3).map(String).join(" ") + (value.length > 3 ? " …" : "") : String(value));
  return ["plate", "case", "purpose", "count", "rows", "decision", "reason"].flatMap((name) => (details[name] == null ? [] : [`${name} ${shown(details[name])}`])).join(" · ");
}

export function EntriesTable({ rows, keys }: { rows: AuditEntry[]; keys: ReturnType<typeof useRowKeys> }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  return (
    <table className="table audit-table">
      <caption className="unseen">{t("audit.title")}</caption>
      <thead>
        <tr>
          <th className="number">{t("audit.position")}</th><th>{t("plates.time")}</th><th>{t("audit.actor")}</th><th>{t("audit.action")}</th>
          <th>{t("audit.outcome")}</th><th>{t("audit.details")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((entry, index) => (
          <tr key={entry.position} {...keys(index)}>
            <td className="number">{entry.position}</td>
            <td className="figures"><span className="ltr">{localMoment(entry.at, now)}</span></td>
            <td className="mono cut actor-cell" title={entry.actor}><span className="ltr">{entry.username ?? entry.actor}</span></td>
            <td><span className="mono ltr">{entry.action}</span></td>
            <td><OutcomeTag outcome={entry.outcome} /> {entry.status !== null && entry.status >= 400 && <span className="faint figures">{entry.status}</span>} {entry.late && <span className="tag warn">{t("audit.written_late")}</span>}</td>
            <td className="cut gist-cell muted"><span className="ltr">{gist(entry.details)}</span></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
