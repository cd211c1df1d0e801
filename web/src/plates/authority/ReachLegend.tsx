import { useTranslation } from "react-i18next";
import { StandingMark } from "../../city/StandingMark";

export function ReachLegend(): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="legend open">
      <ul>
        <li><StandingMark standing="up" />{t("authorities.reach_in")}</li>
        <li><StandingMark standing="unknown" />{t("authorities.reach_out")}</li>
      </ul>
    </div>
  );
}
