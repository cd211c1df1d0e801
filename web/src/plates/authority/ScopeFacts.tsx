import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../../kernel/clock";
import type { Scope } from "../../trust/wire";
import { PlateChip } from "../PlateChip";

const MOST_CHIPS = 12;

/** From and to in the city's time; an open side says so. */
export function Window({ since, until }: Pick<Scope, "since" | "until">): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  if (since === null && until === null) return <>{t("authorities.any_time")}</>;
  return (
    <span className="figures">
      <span className="ltr">{since ? localMoment(since, now) : "…"}</span> – <span className="ltr">{until ? localMoment(until, now) : "…"}</span>
    </span>
  );
}

export function Plates({ plates, most = MOST_CHIPS }: Pick<Scope, "plates"> & { most?: number }): React.JSX.Element {
  const { t } = useTranslation();
  if (plates === null) return <strong>{t("authorities.every_plate")}</strong>;
  return (
    <span className="tags">
      {plates.slice(0, most).map((plate) => <PlateChip key={plate} plate={plate} size="small" />)}
      {plates.length > most && <span className="tag figures ltr">+{plates.length - most}</span>}
    </span>
  );
}

export function ScopeFacts({ scope, siteName }: { scope: Scope; siteName: (code: string | null) => string }): React.JSX.Element {
  const { t } = useTranslation();
  const places = [
    scope.cameras ? scope.cameras.join(", ") : "", scope.sites ? scope.sites.map(siteName).join(", ") : "",
    scope.bounds ? t("authorities.area_drawn") : "",
  ].filter(Boolean);
  return (
    <dl className="facts wide">
      <div><dt>{t("authorities.plates")}</dt><dd><Plates plates={scope.plates} /></dd></div>
      <div><dt>{t("authorities.cameras")}</dt><dd>{places.length === 0 ? t("authorities.every_camera") : places.join(" · ")}</dd></div>
      <div><dt>{t("authorities.time")}</dt><dd><Window since={scope.since} until={scope.until} /></dd></div>
      <div><dt>{t("authorities.for_what")}</dt><dd>{scope.uses.map((use) => t(`authorities.uses.${use}`)).join(" · ")}</dd></div>
    </dl>
  );
}
