import { useTranslation } from "react-i18next";
import type { Severity } from "../kernel/wire";

/** More strokes for more urgency: told apart without colour. */
const BARS: Record<Severity, number> = { critical: 4, high: 3, medium: 2, low: 1 };

export function SeverityMark({ severity, text }: { severity: Severity; text?: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <span className={`severity ${severity}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {[0, 1, 2, 3].map((bar) => (
          <rect key={bar} x={1 + bar * 3.8} y={11 - bar * 3} width="2.6" height={3 + bar * 3} rx="0.8" className={bar < BARS[severity] ? "on" : ""} />
        ))}
      </svg>
      <span className={text ? "" : "unseen"}>{t(`alarms.severities.${severity}`)}</span>
    </span>
  );
}
