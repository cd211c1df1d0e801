import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import type { Grant } from "../../kernel/wire";
import { useRoleName } from "../roles";
import { useGroups, useRoles } from "./accounts";

interface GrantsProps {
  grants: Grant[];
  disabled?: boolean;
  onChange: (grants: Grant[]) => void;
}

/** Which roles, and at which sites. Roles that watch over others are held alone. */
export function Grants({ grants, disabled = false, onChange }: GrantsProps): React.JSX.Element {
  const { t } = useTranslation();
  const roleName = useRoleName();
  const roles = useRoles().data?.items ?? [];
  const groups = useGroups().data?.items ?? [];
  const alone = new Set(roles.filter((role) => role.held_alone).map((role) => role.role));
  const clash = grants.length > 1 && grants.some((grant) => alone.has(grant.role));
  const set = (index: number, change: Partial<Grant>) => onChange(grants.map((grant, at) => (at === index ? { ...grant, ...change } : grant)));
  return (
    <fieldset className="grants" disabled={disabled}>
      <legend>{t("accounts.grants")}</legend>
      {grants.map((grant, index) => (
        <div key={index} className="grant">
          <select className="input" aria-label={t("accounts.role")} value={grant.role} onChange={(event) => set(index, { role: event.target.value })}>
            {roles.map(({ role }) => <option key={role} value={role}>{roleName(role)}</option>)}
          </select>
          <select className="input" aria-label={t("accounts.where")} value={grant.group ?? ""} onChange={(event) => set(index, { group: event.target.value || null })}>
            <option value="">{t("accounts.everywhere")}</option>
            {groups.map((group) => <option key={group.code} value={group.code}>{group.code} · {group.name}</option>)}
          </select>
          <button type="button" className="button icon quiet" aria-label={t("action.remove")} onClick={() => onChange(grants.filter((_, at) => at !== index))}><Icon name="close" /></button>
        </div>
      ))}
      <button type="button" className="button small start" onClick={() => onChange([...grants, { role: roles[0]?.role ?? "video_operator", group: null }])}><Icon name="plus" />{t("accounts.add_role")}</button>
      {clash && <p className="invalid" role="alert">{t("accounts.alone")}</p>}
    </fieldset>
  );
}
