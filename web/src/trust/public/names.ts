import { useTranslation } from "react-i18next";
import { usePurposeName } from "../authority/AuthorityState";
import { PURPOSES } from "../authority/authorities";

const TABLES = ["searches", "authorities", "denials", "hot_list", "hits", "deletions", "misuse", "requests"] as const;
const ROWS = [
  "searches", "plates", "video", "alarms", "city", "trust", "other", "added", "ended", "confirmed", "rejected", "reads", "clips", "found", "explained", "referred",
  "access", "complaint", "received", "verified", "answered", "refused", "appealed", "upheld", "dismissed", "requested", "declared", "active", "revoked", "withdrawn",
  "expired", "sealed",
] as const;
const has = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

/** Names of the report's tables, rows and columns; what the window does not know stays as it is. */
export function useReportNames(): { table: (name: string) => string; row: (name: string) => string } {
  const { t } = useTranslation();
  const purpose = usePurposeName();
  return {
    table: (name) => (has(TABLES, name) ? t(`report.tables.${name}`) : name),
    row: (name) => (has(PURPOSES, name) ? purpose(name) : has(ROWS, name) ? t(`report.names.${name}`) : name),
  };
}
