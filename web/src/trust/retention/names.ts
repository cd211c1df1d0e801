import { useTranslation } from "react-i18next";

const NAMES = ["reads", "hits", "pictures", "clips", "alarms", "refused_observations", "failed_deliveries", "outbox", "sessions", "documents", "public_requests", "audit"] as const;

export function useClassName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => ((NAMES as readonly string[]).includes(name) ? t(`retention.classes.${name as (typeof NAMES)[number]}`) : name);
}
