import { useState } from "react";
import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../../kernel/clock";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { MoreRows, rowsOf } from "../../kernel/paging";
import { useRowKeys } from "../../kernel/rows";
import { useAllowed } from "../session";
import "../trust.css";
import type { Finding } from "../wire";
import { useDetectorName } from "./detectors";
import { Facts, type PlaceMap } from "./Facts";
import { FindingDialog } from "./FindingDialog";
import { STATES, useFindings, type FindingState } from "./misuse";

/** What the nightly detectors suspect, for an auditor to look at; and the facts they hold it against. */
export function FindingsPage({ placeMap }: { placeMap: PlaceMap }): React.JSX.Element {
  const { t } = useTranslation();
  const keeps = useAllowed("trust.keep_facts");
  const [part, setPart] = useState<FindingState | "facts">("open");
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t("findings.title")}</h1>
        <div className="segments" role="group" aria-label={t("findings.title")}>
          {STATES.map((each) => <button key={each} type="button" aria-pressed={part === each} onClick={() => setPart(each)}>{t(`findings.states.${each}`)}</button>)}
          {keeps && <button type="button" aria-pressed={part === "facts"} onClick={() => setPart("facts")}>{t("findings.facts")}</button>}
        </div>
      </div>
      {part === "facts" ? <Facts placeMap={placeMap} /> : <List key={part} state={part} />}
    </main>
  );
}

function List({ state }: { state: FindingState }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const detector = useDetectorName();
  const [opened, setOpened] = useState<Finding | null>(null);
  const findings = useFindings(state);
  const rows = rowsOf(findings);
  const keys = useRowKeys(rows.length, (index) => setOpened(rows[index] ?? null));
  return (
    <div className="table-box">
      <ProblemNotice error={findings.error} onRetry={() => void findings.refetch()} />
      {findings.isSuccess && rows.length === 0 && <Empty title={t("findings.none")} hint={t("findings.none_hint")} />}
      {rows.length > 0 && (
        <table className="table">
          <thead><tr><th>{t("findings.detector")}</th><th>{t("findings.who")}</th><th>{t("findings.what")}</th><th className="number">{t("findings.entries")}</th><th>{t("findings.found")}</th><th>{t("authorities.state")}</th></tr></thead>
          <tbody>
            {rows.map((finding, index) => (
              <tr key={finding.id} {...keys(index)}>
                <td className="line">{detector(finding.detector)}</td>
                <td className="mono"><span className="ltr">{finding.username}</span></td>
                <td><span className="class-name"><span className="mono ltr">{finding.subject}</span><span className="muted"><bdi>{finding.explanation}</bdi></span></span></td>
                <td className="number">{finding.evidence.length}</td>
                <td className="figures line"><span className="ltr">{localMoment(finding.found_at, now)}</span></td>
                <td>{finding.decision === null ? <span className="tag note">{t("findings.open")}</span> : <span className={finding.decision === "referred" ? "tag bad" : "tag good"}>{t(`findings.decisions.${finding.decision}`)}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <MoreRows pages={findings} count={rows.length} />
      {opened && <FindingDialog finding={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}
