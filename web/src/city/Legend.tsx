import { useTranslation } from "react-i18next";
import { STANDINGS } from "./model";
import { StandingMark } from "./StandingMark";

export function Legend(): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <details className="legend">
      <summary>{t("city.legend")}</summary>
      <ul>
        {STANDINGS.map((standing) => (
          <li key={standing}><StandingMark standing={standing} />{t(`city.state.${standing}`)}</li>
        ))}
        <li><span className="legend-alarm" aria-hidden="true" />{t("city.alarm")}</li>
        <li><span className="legend-path" aria-hidden="true" />{t("city.path")}</li>
      </ul>
    </details>
  );
}
