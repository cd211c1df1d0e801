import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import type { SiteGroup } from "../wire";
import type { SiteOption } from "./AccountsPage";
import { useGroups, useRemoveGroup, useSaveGroup } from "./accounts";

interface GroupsPanelProps {
  sites: SiteOption[];
  manages: boolean;
}

/** Sites put together, so that a role can be held at them. */
export function GroupsPanel({ sites, manages }: GroupsPanelProps): React.JSX.Element {
  const { t } = useTranslation();
  const groups = useGroups();
  const rows = groups.data?.items ?? [];
  const [editing, setEditing] = useState<SiteGroup | "new" | null>(null);
  const names = new Map(sites.map((site) => [site.code, site.name]));
  return (
    <div className="table-box">
      <ProblemNotice error={groups.error} onRetry={() => void groups.refetch()} />
      <div className="panel-head">
        <p className="muted">{t("groups.about")}</p>
        {manages && <button type="button" className="button primary" onClick={() => setEditing("new")}><Icon name="plus" />{t("groups.add")}</button>}
      </div>
      {groups.isSuccess && rows.length === 0 && <Empty title={t("groups.none")} />}
      {rows.length > 0 && (
        <table className="table">
          <thead><tr><th>{t("groups.code")}</th><th>{t("groups.name")}</th><th>{t("groups.sites")}</th><th><span className="unseen">{t("groups.edit")}</span></th></tr></thead>
          <tbody>
            {rows.map((group) => (
              <tr key={group.code}>
                <td className="mono"><span className="ltr">{group.code}</span></td>
                <td dir="auto">{group.name}</td>
                <td><span className="tags">{group.sites.map((code) => <span key={code} className="tag">{names.get(code) ?? code}</span>)}</span></td>
                <td className="number">{manages && <button type="button" className="button small" onClick={() => setEditing(group)}>{t("groups.edit")}</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {editing && <GroupForm group={editing === "new" ? null : editing} sites={sites} onClose={() => setEditing(null)} />}
    </div>
  );
}

interface GroupFormProps {
  group: SiteGroup | null;
  sites: SiteOption[];
  onClose: () => void;
}

function GroupForm({ group, sites, onClose }: GroupFormProps): React.JSX.Element {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<SiteGroup>(group ?? { code: "", name: "", sites: [] });
  const [text, setText] = useState("");
  const save = useSaveGroup(group?.code ?? null);
  const remove = useRemoveGroup();
  const chosen = new Set(draft.sites);
  const shown = sites.filter((site) => `${site.code} ${site.name}`.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Dialog title={group ? group.name : t("groups.add")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        save.mutate(draft, { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          <div className="form-grid">
            <Field label={t("groups.code")}>
              {(id) => <input id={id} className="input mono" dir="ltr" required disabled={group !== null} value={draft.code} onChange={(event) => setDraft({ ...draft, code: event.target.value })} />}
            </Field>
            <Field label={t("groups.name")}>
              {(id) => <input id={id} className="input" dir="auto" required value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />}
            </Field>
          </div>
          <fieldset className="choices">
            <legend>{t("groups.chosen", { count: draft.sites.length })}</legend>
            <input className="input" type="search" value={text} placeholder={t("groups.filter")} aria-label={t("groups.filter")} onChange={(event) => setText(event.target.value)} />
            <ul>
              {shown.map((site) => (
                <li key={site.code}>
                  <label className="check">
                    <input type="checkbox" checked={chosen.has(site.code)} onChange={(event) => setDraft({
                      ...draft, sites: event.target.checked ? [...draft.sites, site.code] : draft.sites.filter((code) => code !== site.code),
                    })} />
                    <span className="mono ltr">{site.code}</span><span className="cut">{site.name}</span>
                  </label>
                </li>
              ))}
            </ul>
          </fieldset>
          <ProblemNotice error={save.error ?? remove.error} />
        </div>
        <div className="dialog-foot">
          {group && (
            <button type="button" className="button start" onClick={() => {
              if (window.confirm(t("groups.remove_sure", { name: group.name }))) remove.mutate(group.code, { onSuccess: onClose });
            }}>{t("action.remove")}</button>
          )}
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={save.isPending || draft.sites.length === 0}>{t("action.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
