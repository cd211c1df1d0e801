import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { ProblemNotice } from "../../kernel/Notice";
import type { RequestDraft } from "../wire";
import { useReceive } from "./public";

const KINDS: RequestDraft["kind"][] = ["access", "complaint"];

/** Taken in at the counter; the reference is what the person takes home. */
export function NewRequest({ onClose }: { onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const receive = useReceive();
  const [draft, setDraft] = useState<RequestDraft>({ kind: "access", name: "", contact: "", plate: null, text: "" });
  if (receive.data) {
    return (
      <Dialog title={t("requests.taken")} onClose={onClose}>
        <div className="dialog-body"><p>{t("requests.give_reference")}</p><p className="one-time mono ltr">{receive.data.reference}</p></div>
        <div className="dialog-foot"><button type="button" className="button primary" onClick={onClose}>{t("action.close")}</button></div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("requests.add")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        receive.mutate(draft);
      }}>
        <div className="dialog-body">
          <div className="form-grid">
            <Field label={t("requests.kind")}>
              {(id) => <select id={id} className="input" value={draft.kind} onChange={(event) => setDraft({ ...draft, kind: event.target.value as RequestDraft["kind"] })}>{KINDS.map((kind) => <option key={kind} value={kind}>{t(`requests.kinds.${kind}`)}</option>)}</select>}
            </Field>
            <Field label={t("plates.plate")} hint={t("requests.plate_hint")}>
              {(id) => <input id={id} className="input plate-input" maxLength={24} value={draft.plate ?? ""} onChange={(event) => setDraft({ ...draft, plate: event.target.value || null })} />}
            </Field>
            <Field label={t("accounts.name")}>{(id) => <input id={id} className="input" dir="auto" required maxLength={200} value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />}</Field>
            <Field label={t("requests.contact")}>{(id) => <input id={id} className="input" dir="auto" required maxLength={500} value={draft.contact} onChange={(event) => setDraft({ ...draft, contact: event.target.value })} />}</Field>
            <Field label={t("requests.text")} whole>{(id) => <textarea id={id} className="input" dir="auto" rows={4} required maxLength={5000} value={draft.text} onChange={(event) => setDraft({ ...draft, text: event.target.value })} />}</Field>
          </div>
          <ProblemNotice error={receive.error} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={receive.isPending}>{t("requests.take")}</button>
        </div>
      </form>
    </Dialog>
  );
}
