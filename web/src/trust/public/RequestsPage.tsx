import { useState } from "react";
import { useTranslation } from "react-i18next";
import { localDay } from "../../kernel/clock";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { MoreRows, rowsOf } from "../../kernel/paging";
import { useRowKeys } from "../../kernel/rows";
import { useAllowed } from "../session";
import "../trust.css";
import type { RequestState } from "../wire";
import { NewRequest } from "./NewRequest";
import { REQUEST_STATES, usePublicRequests } from "./public";
import { RequestDialog } from "./RequestDialog";

const LOOKS: Record<RequestState, string> = {
  received: "tag note", verified: "tag note", appealed: "tag warn", answered: "tag good", upheld: "tag good", refused: "tag", dismissed: "tag",
};

export function RequestStateTag({ state, overdue }: { state: RequestState; overdue: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  return <span className="tags"><span className={LOOKS[state]}>{t(`requests.states.${state}`)}</span>{overdue && <span className="tag bad">{t("requests.overdue")}</span>}</span>;
}

/** What people ask of the centre about themselves, and the steps to its answer. */
export function RequestsPage(): React.JSX.Element {
  const { t } = useTranslation();
  const handles = useAllowed("trust.handle_requests");
  const [state, setState] = useState<RequestState | "all">("all");
  const [opened, setOpened] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const requests = usePublicRequests(handles, state);
  const rows = rowsOf(requests);
  const keys = useRowKeys(rows.length, (index) => setOpened(rows[index]?.id ?? null));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t(handles ? "requests.title" : "requests.appeals")}</h1>
        {handles && (
          <select className="input" value={state} aria-label={t("authorities.state")} onChange={(event) => setState(event.target.value as RequestState | "all")}>
            <option value="all">{t("hotlist.all")}</option>
            {REQUEST_STATES.map((each) => <option key={each} value={each}>{t(`requests.states.${each}`)}</option>)}
          </select>
        )}
        <span className="grow" />
        {handles && <button type="button" className="button primary" onClick={() => setAdding(true)}><Icon name="plus" />{t("requests.add")}</button>}
      </div>
      <div className="table-box">
        <ProblemNotice error={requests.error} onRetry={() => void requests.refetch()} />
        {requests.isSuccess && rows.length === 0 && <Empty title={t(handles ? "requests.none" : "requests.no_appeal")} />}
        {rows.length > 0 && (
          <table className="table">
            <thead><tr><th>{t("requests.reference")}</th><th>{t("requests.kind")}</th>{handles && <th>{t("accounts.name")}</th>}<th>{t("requests.received")}</th><th>{t("requests.due")}</th><th>{t("authorities.state")}</th></tr></thead>
            <tbody>
              {rows.map((request, index) => (
                <tr key={request.id} {...keys(index)}>
                  <td className="mono"><span className="ltr">{request.reference}</span></td>
                  <td>{t(`requests.kinds.${request.kind}`)}</td>
                  {handles && <td dir="auto">{request.name}</td>}
                  <td className="figures"><span className="ltr">{localDay(request.received_at)}</span></td>
                  <td className="figures"><span className="ltr">{localDay(request.due_at)}</span></td>
                  <td><RequestStateTag state={request.state} overdue={request.overdue} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <MoreRows pages={requests} count={rows.length} />
      </div>
      {opened && <RequestDialog id={opened} handles={handles} onClose={() => setOpened(null)} />}
      {adding && <NewRequest onClose={() => setAdding(false)} />}
    </main>
  );
}
