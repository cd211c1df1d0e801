import { useTranslation } from "react-i18next";

const DETECTORS = ["repeated_target", "own_vehicle", "colleagues_vehicle", "lone_after_hours", "off_shift", "copied_reasons", "sensitive_place", "bulk_export"] as const;

export function useDetectorName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => ((DETECTORS as readonly string[]).includes(name) ? t(`findings.detectors.${name as (typeof DETECTORS)[number]}`) : name);
}
