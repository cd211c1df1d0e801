import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { ProblemNotice } from "../../kernel/Notice";
import { useCreateAccount, type Created, type NewAccount } from "./accounts";
import { Grants } from "./Grants";

interface NewAccountProps {
  onClose: () => void;
  onCreated: (created: Created) => void;
}

export function NewAccountDialog({ onClose, onCreated }: NewAccountProps): React.JSX.Element {
  const { t } = useTranslation();
  const create = useCreateAccount();
  const [draft, setDraft] = useState<NewAccount>({ username: "", display_name: "", grants: [{ role: "video_operator", group: null }] });
  return (
    <Dialog title={t("accounts.add")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        create.mutate(draft, { onSuccess: onCreated });
      }}>
        <div className="dialog-body">
          <div className="form-grid">
            <Field label={t("accounts.name")}>
              {(id) => <input id={id} className="input" required dir="auto" value={draft.display_name} onChange={(event) => setDraft({ ...draft, display_name: event.target.value })} />}
            </Field>
            <Field label={t("trust.username")} hint={t("accounts.username_hint")}>
              {(id) => <input id={id} className="input mono" required dir="ltr" autoComplete="off" autoCapitalize="none" spellCheck={false} value={draft.username}
                onChange={(event) => setDraft({ ...draft, username: event.target.value })} />}
            </Field>
          </div>
          <Grants grants={draft.grants} onChange={(grants) => setDraft({ ...draft, grants })} />
          <ProblemNotice error={create.error} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={create.isPending || draft.grants.length === 0}>{t("accounts.create")}</button>
        </div>
      </form>
    </Dialog>
  );
}
