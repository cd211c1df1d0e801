import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSiteNames } from "../../city/places";
import { localMoment, useNow } from "../../kernel/clock";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { MoreRows, rowsOf } from "../../kernel/paging";
import { usePreferences } from "../../kernel/preferences";
import { useRowKeys } from "../../kernel/rows";
import { LISTS, useAuthorities, useAuthority, useWaiting } from "../../trust/authority/authorities";
import { StateTag, usePurposeName } from "../../trust/authority/AuthorityState";
import { useMay } from "../../trust/session";
import "../../trust/trust.css";
import type { Authority } from "../../trust/wire";
import { AuthorityDetail } from "./AuthorityDetail";
import "./authority.css";
import { Plates } from "./ScopeFacts";

const route = getRouteApi("/authorities");

export function AuthoritiesPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const may = useMay();
  const decides = may("trust.approve_authority");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const state = search.state ?? (decides ? "open" : "all");
  const mine = search.mine ?? false;
  const waiting = useWaiting();
  const list = useAuthorities(state, mine);
  const rows = rowsOf(list);
  const opened = useAuthority(search.id ?? null);
  const open = (authority: Authority | undefined) => authority && void navigate({ search: { ...search, id: authority.id } });
  const keys = useRowKeys(rows.length, (index) => open(rows[index]));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t("authorities.title")}</h1>
        <div className="segments" role="group" aria-label={t("authorities.list")}>
          {LISTS.map((each) => (
            <button key={each} type="button" aria-pressed={state === each} onClick={() => void navigate({ search: { state: each, mine } })}>{t(`authorities.lists.${each}`)}</button>
          ))}
        </div>
        {may("trust.request_authority") && (
          <label className="check"><input type="checkbox" checked={mine} onChange={(event) => void navigate({ search: { state, mine: event.target.checked } })} />{t("authorities.mine")}</label>
        )}
        {waiting > 0 && <span className="tag note" role="status">{t("authorities.waiting", { count: waiting })}</span>}
        <span className="grow" />
        {may("trust.request_authority") && <Link to="/authorities/request" search={{}} className="button primary"><Icon name="plus" />{t("authorities.request")}</Link>}
      </div>
      <div className={search.id ? "split has-detail" : "split"}>
        <div className="table-box">
          <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />
          {list.isSuccess && rows.length === 0 && <Empty title={t(state === "open" ? "authorities.none_open" : "authorities.none")} />}
          {rows.length > 0 && <AuthorityTable rows={rows} keys={keys} chosen={search.id ?? null} />}
          <MoreRows pages={list} count={rows.length} />
        </div>
        {search.id && <ProblemNotice error={opened.error} />}
        {opened.data
          ? <AuthorityDetail key={opened.data.id} authority={opened.data} siteName={siteName} onClose={() => void navigate({ search: { state, mine } })} />
          : !search.id && <div className="split-idle"><Empty title={t("authorities.choose")} /></div>}
      </div>
    </main>
  );
}

interface AuthorityTableProps {
  rows: Authority[];
  keys: ReturnType<typeof useRowKeys>;
  chosen: string | null;
}

function AuthorityTable({ rows, keys, chosen }: AuthorityTableProps): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const purpose = usePurposeName();
  return (
    <table className="table authority-table">
      <thead>
        <tr><th className="number">{t("authorities.number")}</th><th>{t("authorities.case")}</th><th>{t("authorities.plates")}</th><th>{t("authorities.by")}</th><th>{t("authorities.state")}</th></tr>
      </thead>
      <tbody>
        {rows.map((authority, index) => (
          <tr key={authority.id} {...keys(index)} aria-current={authority.id === chosen ? "true" : undefined}>
            <td className="number">{authority.number}</td>
            <td><span className="two-lines"><span className="ltr cut">{authority.case_ref}</span><span className="muted cut">{purpose(authority.purpose)}</span></span></td>
            <td><Plates plates={authority.scope.plates} most={2} /></td>
            <td><span className="two-lines"><bdi className="cut">{authority.requested_by.display_name}</bdi><span className="muted figures"><span className="ltr">{localMoment(authority.requested_at, now)}</span></span></span></td>
            <td><StateTag authority={authority} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
