import { useTranslation } from "react-i18next";

export const ROLES = [
  "call_taker", "video_operator", "dispatcher", "supervisor", "responder", "investigator", "approving_officer",
  "senior_approving_officer", "auditor", "administrator",
] as const;
export type Role = (typeof ROLES)[number];

/** A role in the language of the window; one that the window does not know stays as it is. */
export function useRoleName(): (role: string) => string {
  const { t } = useTranslation();
  return (role) => ((ROLES as readonly string[]).includes(role) ? t(`roles.${role as Role}`) : role);
}
