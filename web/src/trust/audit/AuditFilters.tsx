import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fromLocalInput, toLocalInput } from "../../kernel/clock";
import { Field } from "../../kernel/Field";
import type { Outcome } from "../wire";
import { NO_FILTER, OUTCOMES, type AuditFilter } from "./audit";

interface AuditFiltersProps {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
}

export function AuditFilters({ filter, onChange }: AuditFiltersProps): React.JSX.Element {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(filter);
  const text = (name: "actor" | "action" | "plate" | "authority", label: string, className = "input") => (
    <Field label={label}>
      {(id) => <input id={id} className={className} dir="ltr" autoComplete="off" spellCheck={false} value={draft[name]} onChange={(event) => setDraft({ ...draft, [name]: event.target.value.trim() })} />}
    </Field>
  );
  const moment = (name: "from" | "to", label: string) => (
    <Field label={label}>
      {(id) => <input id={id} className="input" dir="ltr" type="datetime-local" value={toLocalInput(draft[name])} onChange={(event) => setDraft({ ...draft, [name]: fromLocalInput(event.target.value) })} />}
    </Field>
  );
  return (
    <form className="filters" role="search" aria-label={t("audit.filters")} onSubmit={(event) => {
      event.preventDefault();
      onChange(draft);
    }}>
      {text("actor", t("audit.actor"))}
      {text("action", t("audit.action"), "input mono")}
      <Field label={t("audit.outcome")}>
        {(id) => (
          <select id={id} className="input" value={draft.outcome} onChange={(event) => setDraft({ ...draft, outcome: event.target.value as Outcome | "" })}>
            <option value="">{t("audit.any")}</option>
            {OUTCOMES.map((outcome) => <option key={outcome} value={outcome}>{t(`audit.outcomes.${outcome}`)}</option>)}
          </select>
        )}
      </Field>
      {text("plate", t("audit.plate"), "input plate-input")}
      {text("authority", t("audit.authority"), "input mono")}
      {moment("from", t("plates.from"))}
      {moment("to", t("plates.to"))}
      <span className="filter-buttons">
        <button type="submit" className="button primary">{t("audit.show")}</button>
        <button type="button" className="button quiet" onClick={() => onChange(NO_FILTER)}>{t("action.clear")}</button>
      </span>
    </form>
  );
}
