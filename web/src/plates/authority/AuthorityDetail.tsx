import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CityMap } from "../../city/CityMap";
import { Moment } from "../../kernel/Age";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import { StateTag, usePurposeName } from "../../trust/authority/AuthorityState";
import { choose } from "../../trust/authority/chosen";
import { Paper } from "../../trust/authority/Paper";
import { useAllowed, useMay, useSession } from "../../trust/session";
import type { Authority } from "../../trust/wire";
import { AuthorityHistory } from "./AuthorityHistory";
import { DecideBar } from "./DecideBar";
import { boundsOf, useInReach, useReachOf } from "./reach";
import { ReachLegend } from "./ReachLegend";
import { ScopeFacts, Window } from "./ScopeFacts";

const DAY_MS = 86_400_000;

interface AuthorityDetailProps {
  authority: Authority;
  siteName: (code: string | null) => string;
  onClose: () => void;
}

/** What one person asks for, and all that another needs to decide on it. */
export function AuthorityDetail({ authority, siteName, onClose }: AuthorityDetailProps): React.JSX.Element {
  const { t } = useTranslation();
  const purpose = usePurposeName();
  const may = useMay();
  const me = useSession().data?.account.id;
  const searches = may("plates.search") && authority.state === "active" && authority.scope.uses.includes("search");
  return (
    <section className="authority" aria-label={`${t("authorities.number")} ${authority.number}`}>
      <header className="detail-head">
        <h2 className="figures">{t("authorities.number")} {authority.number}</h2>
        <StateTag authority={authority} />
        <span className="grow" />
        {searches && (
          <Link to="/search" search={authority.scope.plates?.length === 1 ? { plate: authority.scope.plates[0] ?? "" } : {}} className="button small" onClick={() => choose(authority.id)}>
            <Icon name="search" />{t("authorities.search_with")}
          </Link>
        )}
        {may("trust.request_authority") && authority.requested_by.id === me && (
          <Link to="/authorities/request" search={{ replaces: authority.id }} className="button small">{t("authorities.again")}</Link>
        )}
        <button type="button" className="button icon quiet" onClick={onClose} aria-label={t("action.close")}><Icon name="close" /></button>
      </header>
      <div className="authority-body">
        {authority.beyond_tier && <div className="notice warn"><Icon name="warn" /><p>{t("authorities.beyond_long")}</p></div>}
        {authority.emergency && <div className="notice warn"><Icon name="warn" /><p>{t("authorities.emergency_long")}</p></div>}
        <dl className="facts wide">
          <div><dt>{t("authorities.purpose")}</dt><dd><strong>{purpose(authority.purpose)}</strong></dd></div>
          <div><dt>{t("authorities.case")}</dt><dd><span className="ltr">{authority.case_ref}</span></dd></div>
          <div><dt>{t("authorities.by")}</dt><dd><bdi>{authority.requested_by.display_name}</bdi> <span className="mono faint ltr">{authority.requested_by.username}</span></dd></div>
          <div><dt>{t("authorities.at")}</dt><dd><Moment at={authority.requested_at} /></dd></div>
          <div><dt>{t("authorities.ends")}</dt><dd><Moment at={authority.ended_at ?? authority.ends_at} /></dd></div>
        </dl>
        <section className="card flat"><h3>{t("authorities.grounds")}</h3><p className="grounds" dir="auto">{authority.grounds}</p></section>
        <section className="card flat"><h3>{t("authorities.scope")}</h3><ScopeFacts scope={authority.scope} siteName={siteName} /></section>
        <Reach authority={authority} />
        <section className="card flat"><h3>{t("authorities.document")}</h3><Paper document={authority.document} /></section>
        <AuthorityHistory authority={authority} />
      </div>
      <DecideBar authority={authority} />
    </section>
  );
}

/** What will become searchable: the cameras on the map, and how much they have read. */
function Reach({ authority }: { authority: Authority }): React.JSX.Element {
  const { t } = useTranslation();
  const counts = useAllowed("plates.reach");
  const reach = useReachOf(authority.id);
  const { marks, codes } = useInReach(authority.scope, reach.data?.cameras);
  const { since, until } = reach.data ?? authority.scope;
  const days = since && until ? Math.max(1, Math.ceil((Date.parse(until) - Date.parse(since)) / DAY_MS)) : null;
  return (
    <section className="card flat reach" aria-label={t("authorities.reach")}>
      <h3>{t("authorities.reach")}</h3>
      <ul className="figures reach-figures">
        {counts && reach.data && (
          <>
            <li><strong>{reach.data.estimate && "≈ "}{reach.data.reads.toLocaleString("en")}</strong> {t("authorities.reach_reads")}</li>
            <li><strong>{reach.data.estimate && "≈ "}{reach.data.plates.toLocaleString("en")}</strong> {t("authorities.reach_plates")}</li>
          </>
        )}
        <li><strong>{codes.length}</strong> {t("authorities.reach_cameras")}</li>
        {days !== null && <li><strong>{days}</strong> {t("authorities.reach_days")}</li>}
      </ul>
      <p className="muted"><Window since={since} until={until} /> {reach.data?.estimate && t("authorities.reach_estimate")}</p>
      {codes.length === 0 && <p className="invalid">{t("authorities.reach_none")}</p>}
      <ProblemNotice error={reach.error} />
      <div className="reach-map"><CityMap cameras={marks} area={boundsOf(authority.scope)} legend={<ReachLegend />} /></div>
    </section>
  );
}
