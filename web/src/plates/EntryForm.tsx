import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { fromLocalInput, toLocalInput } from "../kernel/clock";
import { Dialog } from "../kernel/Dialog";
import { Icon } from "../kernel/icons";
import { ProblemNotice } from "../kernel/Notice";
import type { Category, Entry, EntryDraft, Severity } from "../kernel/wire";
import { useMyActive } from "../trust/authority/authorities";
import { coversPlate } from "../trust/authority/covers";
import { useAllowed } from "../trust/session";
import { AuthoritySelect } from "./AuthorityBar";
import { useEndEntry, useSaveEntry } from "./entries";
import { normalPlate } from "./reads";

export const CATEGORIES: Category[] = ["stolen", "wanted", "missing_person", "security", "other"];
export const SEVERITIES: Severity[] = ["critical", "high", "medium", "low"];

function draftOf(entry: Entry | null): EntryDraft {
  return {
    plate: entry?.plate ?? "", reason: entry?.reason ?? "", category: entry?.category ?? "stolen",
    severity: entry?.severity ?? "high", case_ref: entry?.case_ref ?? "", instructions: entry?.instructions ?? "",
    valid_from: entry?.valid_from ?? null, valid_until: entry?.valid_until ?? null, authority: entry?.authority ?? null,
  };
}

export function EntryForm({ entry, onClose }: { entry: Entry | null; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const [draft, setDraft] = useState(() => draftOf(entry));
  const save = useSaveEntry(entry?.id ?? null);
  const end = useEndEntry();
  const edits = useAllowed("plates.edit_entries");
  const { rows: authorities, ready } = useMyActive("entry");
  const plate = normalPlate(draft.plate);
  const covering = plate === "" ? authorities : authorities.filter((each) => coversPlate(each.scope, plate));
  const chosen = covering.find((each) => each.id === draft.authority) ?? (covering.length === 1 ? covering[0] : undefined);
  const set = (change: Partial<EntryDraft>) => setDraft((before) => ({ ...before, ...change }));
  return (
    <Dialog title={entry ? t("hotlist.edit", { plate: entry.plate }) : t("hotlist.add")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...draft, plate, authority: entry ? entry.authority : (chosen?.id ?? null) }, { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          {entry === null && (
            <>
              <AuthoritySelect choices={covering} chosen={chosen?.id ?? null} onChoose={(authority) => set({ authority })} />
              {ready && covering.length === 0 && <div className="notice warn"><Icon name="shield" /><p>{t("under.entry_needed")}</p></div>}
            </>
          )}
          <div className="form-grid">
            <div className="field">
              <label htmlFor={`${id}plate`}>{t("hotlist.plate")}</label>
              <input id={`${id}plate`} className="input plate-input" value={draft.plate} required disabled={entry !== null} autoComplete="off"
                placeholder={t("plates.plate_hint")} onChange={(event) => set({ plate: event.target.value })} />
              <span className="hint">{t("plates.pattern_help")}</span>
            </div>
            <div className="field">
              <label htmlFor={`${id}case`}>{t("hotlist.case")}</label>
              <input id={`${id}case`} className="input" value={draft.case_ref} onChange={(event) => set({ case_ref: event.target.value })} />
            </div>
            <div className="field">
              <label htmlFor={`${id}category`}>{t("hotlist.category")}</label>
              <select id={`${id}category`} className="input" value={draft.category} onChange={(event) => set({ category: event.target.value as Category })}>
                {CATEGORIES.map((each) => <option key={each} value={each}>{t(`hotlist.categories.${each}`)}</option>)}
              </select>
            </div>
            <div className="field">
              <label htmlFor={`${id}severity`}>{t("hotlist.severity")}</label>
              <select id={`${id}severity`} className="input" value={draft.severity} onChange={(event) => set({ severity: event.target.value as Severity })}>
                {SEVERITIES.map((each) => <option key={each} value={each}>{t(`alarms.severities.${each}`)}</option>)}
              </select>
            </div>
            <div className="field whole">
              <label htmlFor={`${id}reason`}>{t("hotlist.reason")}</label>
              <input id={`${id}reason`} className="input" value={draft.reason} required onChange={(event) => set({ reason: event.target.value })} />
            </div>
            <div className="field whole">
              <label htmlFor={`${id}instructions`}>{t("hotlist.instructions")}</label>
              <textarea id={`${id}instructions`} className="input" rows={3} value={draft.instructions} onChange={(event) => set({ instructions: event.target.value })} />
            </div>
            <div className="field">
              <label htmlFor={`${id}from`}>{t("hotlist.from")} ({t("time.local")})</label>
              <input id={`${id}from`} className="input" dir="ltr" type="datetime-local" value={toLocalInput(draft.valid_from)}
                onChange={(event) => set({ valid_from: fromLocalInput(event.target.value) })} />
            </div>
            <div className="field">
              <label htmlFor={`${id}until`}>{t("hotlist.until")} ({t("time.local")})</label>
              <input id={`${id}until`} className="input" dir="ltr" type="datetime-local" value={toLocalInput(draft.valid_until)}
                onChange={(event) => set({ valid_until: fromLocalInput(event.target.value) })} />
            </div>
          </div>
          <ProblemNotice error={save.error ?? end.error} />
        </div>
        <div className="dialog-foot">
          {edits && entry?.active && (
            <button type="button" className="button start" onClick={() => {
              if (window.confirm(t("hotlist.end_sure", { plate: entry.plate }))) end.mutate(entry.id, { onSuccess: onClose });
            }}>{t("hotlist.end")}</button>
          )}
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          {edits && <button type="submit" className="button primary" disabled={save.isPending || (entry === null && !chosen)}>{t("action.save")}</button>}
        </div>
      </form>
    </Dialog>
  );
}
