import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSiteNames } from "../city/places";
import { localMoment, useNow } from "../kernel/clock";
import { Icon } from "../kernel/icons";
import { Empty } from "../kernel/Notice";
import { usePreferences } from "../kernel/preferences";
import { useAuthorities } from "../trust/authority/authorities";
import { usePurposeName } from "../trust/authority/AuthorityState";
import { choose } from "../trust/authority/chosen";
import { useMay } from "../trust/session";
import type { Authority } from "../trust/wire";
import { Plates, Window } from "./authority/ScopeFacts";
import { rowsOf } from "../kernel/paging";

interface AuthorityBarProps {
  authority: Authority | null;
  choices: Authority[];
  lost: boolean;
}

/** Under what is looked, and how far that reaches. */
export function AuthorityBar({ authority, choices, lost }: AuthorityBarProps): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  return (
    <div className="authority-bar">
      <AuthoritySelect choices={choices} chosen={authority?.id ?? null} onChoose={choose} />
      {lost && <span className="invalid" role="alert">{t("under.ended")}</span>}
      {authority && (
        <ul className="limits" aria-label={t("under.limits")}>
          <li><Plates plates={authority.scope.plates} /></li>
          {authority.scope.cameras && <li className="tag"><Icon name="camera" />{t("plates.cameras_count", { count: authority.scope.cameras.length })}</li>}
          {authority.scope.sites && <li className="tag"><Icon name="pin" />{authority.scope.sites.map(siteName).join(", ")}</li>}
          {authority.scope.bounds && <li className="tag"><Icon name="area" />{t("authorities.area_drawn")}</li>}
          <li className="muted"><Window since={authority.scope.since} until={authority.scope.until} /></li>
          <li className="faint figures">{t("under.until", { time: `\u2066${localMoment(authority.ends_at, now)}\u2069` })}</li>
        </ul>
      )}
    </div>
  );
}

interface AuthoritySelectProps {
  choices: Authority[];
  chosen: string | null;
  onChoose: (id: string | null) => void;
}

export function AuthoritySelect({ choices, chosen, onChoose }: AuthoritySelectProps): React.JSX.Element {
  const { t } = useTranslation();
  const purpose = usePurposeName();
  return (
    <span className="authority-select">
      <Icon name="shield" />
      <select className="input" aria-label={t("under.label")} value={chosen ?? ""} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">{t("under.choose")}…</option>
        {choices.map((each) => (
          <option key={each.id} value={each.id}>{each.number} · {each.case_ref} · {purpose(each.purpose)}</option>
        ))}
      </select>
    </span>
  );
}

/** In place of results, while nothing may be looked at. */
export function AuthorityInvitation({ choices }: { choices: Authority[] }): React.JSX.Element {
  const { t } = useTranslation();
  const purpose = usePurposeName();
  const may = useMay();
  const mine = rowsOf(useAuthorities("open", true));
  if (choices.length > 0) {
    return (
      <Empty title={t("under.choose")} hint={t("under.choose_hint")}>
        <ul className="choice-list">
          {choices.map((each) => (
            <li key={each.id}>
              <button type="button" className="button" onClick={() => choose(each.id)}>
                <span className="figures">{each.number}</span><span className="ltr">{each.case_ref}</span><span className="muted">{purpose(each.purpose)}</span><Plates plates={each.scope.plates} most={3} />
              </button>
            </li>
          ))}
        </ul>
      </Empty>
    );
  }
  return (
    <Empty title={t("under.none_title")} hint={t("under.none_hint")}>
      {mine.length > 0 && <p className="tag note">{t("under.waiting")}</p>}
      {may("trust.request_authority") && <Link to="/authorities/request" search={{}} className="button primary"><Icon name="plus" />{t("authorities.request")}</Link>}
    </Empty>
  );
}
