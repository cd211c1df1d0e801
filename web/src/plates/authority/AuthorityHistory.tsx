import { useTranslation } from "react-i18next";
import { Moment } from "../../kernel/Age";
import type { Authority } from "../../trust/wire";

const CHANGES = ["requested", "declared", "approved", "refused", "revoked", "withdrawn", "expired", "sealed", "replaced"] as const;
type Change = (typeof CHANGES)[number];
const isChange = (text: string): text is Change => (CHANGES as readonly string[]).includes(text);

export function AuthorityHistory({ authority }: { authority: Authority }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <section className="card flat">
      <h3>{t("authorities.history")}</h3>
      <ol className="timeline">
        {authority.history.map((step) => (
          <li key={`${step.at} ${step.change}`}>
            <p><strong>{isChange(step.change) ? t(`authorities.changes.${step.change}`) : step.change}</strong> · <bdi>{step.by?.display_name ?? t("authorities.by_time")}</bdi></p>
            <p className="muted"><Moment at={step.at} /></p>
            {step.reason && <p dir="auto">{step.reason}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}
