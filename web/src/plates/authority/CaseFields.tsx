import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { size } from "../../kernel/bytes";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import { usePurposes, useUpload } from "../../trust/authority/authorities";
import { usePurposeName } from "../../trust/authority/AuthorityState";
import type { Asking } from "./asking";

interface FieldsProps {
  asking: Asking;
  onChange: (change: Partial<Asking>) => void;
}

/** Why: purpose, case, grounds and the paper behind them. */
export function CaseFields({ asking, onChange }: FieldsProps): React.JSX.Element {
  const { t } = useTranslation();
  const purposes = usePurposes();
  const name = usePurposeName();
  return (
    <section className="card">
      <header><h2>{t("asking.step_case")}</h2></header>
      <ProblemNotice error={purposes.error} />
      <div className="form-grid">
        <Field label={t("authorities.purpose")}>
          {(id) => (
            <select id={id} className="input" value={asking.purpose} onChange={(event) => onChange({ purpose: event.target.value })}>
              {purposes.data?.items.map(({ code }) => <option key={code} value={code}>{name(code)}</option>)}
            </select>
          )}
        </Field>
        <Field label={t("authorities.case")} hint={t("asking.case_hint")}>
          {(id) => <input id={id} className="input" dir="auto" required maxLength={100} value={asking.case_ref} onChange={(event) => onChange({ case_ref: event.target.value })} />}
        </Field>
        <Field label={t("authorities.grounds")} hint={t("asking.grounds_hint")} whole>
          {(id) => <textarea id={id} className="input" rows={3} dir="auto" required minLength={10} maxLength={2000} value={asking.grounds} onChange={(event) => onChange({ grounds: event.target.value })} />}
        </Field>
      </div>
      <DocumentField asking={asking} onChange={onChange} />
    </section>
  );
}

function DocumentField({ asking, onChange }: FieldsProps): React.JSX.Element {
  const { t } = useTranslation();
  const upload = useUpload();
  const file = useRef<HTMLInputElement>(null);
  const { document } = asking;
  return (
    <div className="field">
      <span>{t("authorities.document")}</span>
      <div className="document-field">
        <input ref={file} type="file" accept="application/pdf,image/jpeg,image/png" hidden aria-label={t("asking.choose_file")} onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          if (chosen) upload.mutate(chosen, { onSuccess: (kept) => onChange({ document: kept }) });
        }} />
        <button type="button" className="button" disabled={upload.isPending} onClick={() => file.current?.click()}>
          <Icon name="upload" />{upload.isPending ? t("asking.uploading") : t("asking.choose_file")}
        </button>
        {document && <span className="cut"><bdi>{document.name}</bdi> {"size_bytes" in document && <span className="faint ltr">{size(document.size_bytes)}</span>}</span>}
      </div>
      {document ? <span className="hash mono ltr" title={t("authorities.hash")}>{document.sha256}</span> : <span className="hint">{t("asking.document_hint")}</span>}
      <ProblemNotice error={upload.error} />
    </div>
  );
}
