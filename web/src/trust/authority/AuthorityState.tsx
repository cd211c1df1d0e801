import { useTranslation } from "react-i18next";
import type { Authority, AuthorityState } from "../wire";
import { PURPOSES, type Purpose } from "./authorities";

const LOOKS: Record<AuthorityState, string> = {
  requested: "tag note", active: "tag good", refused: "tag bad", revoked: "tag bad", sealed: "tag bad", withdrawn: "tag", expired: "tag",
};

export function StateTag({ authority }: { authority: Authority }): React.JSX.Element {
  const { t } = useTranslation();
  const undecided = authority.emergency && authority.state === "active" && authority.decided_at === null;
  return (
    <span className="tags">
      <span className={LOOKS[authority.state]}>{t(`authorities.states.${authority.state}`)}</span>
      {authority.emergency && <span className="tag warn">{t(undecided ? "authorities.emergency_open" : "authorities.emergency")}</span>}
      {authority.beyond_tier && <span className="tag warn">{t("authorities.beyond")}</span>}
    </span>
  );
}

/** A purpose in the language of the window; a new one of the centre's stays as it is. */
export function usePurposeName(): (purpose: string) => string {
  const { t } = useTranslation();
  return (purpose) => ((PURPOSES as readonly string[]).includes(purpose) ? t(`purposes.${purpose as Purpose}`) : purpose);
}
