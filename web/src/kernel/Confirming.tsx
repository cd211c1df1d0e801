import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import { ProblemNotice } from "./Notice";

interface ReasonDialogProps {
  title: string;
  label: string;
  send: string;
  look?: "primary" | "good" | "bad";
  pending: boolean;
  error: unknown;
  most?: number;
  /** Further fields above the reason. */
  children?: React.ReactNode;
  onSend: (reason: string) => void;
  onClose: () => void;
}

/** A step that is taken only with its reason. */
export function ReasonDialog(props: ReasonDialogProps): React.JSX.Element {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        props.onSend(reason.trim());
      }}>
        <div className="dialog-body">
          {props.children}
          <Field label={props.label}>
            {(id) => <textarea id={id} className="input" dir="auto" rows={3} required maxLength={props.most ?? 500} value={reason} onChange={(event) => setReason(event.target.value)} />}
          </Field>
          <ProblemNotice error={props.error} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={props.onClose}>{t("action.cancel")}</button>
          <button type="submit" className={`button ${props.look ?? "primary"}`} disabled={props.pending || reason.trim() === ""}>{props.send}</button>
        </div>
      </form>
    </Dialog>
  );
}
