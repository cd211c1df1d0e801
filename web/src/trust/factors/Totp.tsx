import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../kernel/Field";
import { ProblemNotice } from "../../kernel/Notice";
import { SESSION } from "../session";
import { useTotpConfirm, useTotpStart } from "./factors";

interface TotpProps {
  onDone: () => void;
}

/** Scan or type the secret, show that it works, keep the recovery codes. */
export function TotpEnrolment({ onDone }: TotpProps): React.JSX.Element {
  const { t } = useTranslation();
  const client = useQueryClient();
  const start = useTotpStart();
  const confirm = useTotpConfirm();
  const [code, setCode] = useState("");
  const asked = useRef(false);
  const { mutate } = start;
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    mutate();
  }, [mutate]);

  if (confirm.data) {
    const kept = () => {
      void client.invalidateQueries({ queryKey: SESSION });
      onDone();
    };
    return <RecoveryCodes codes={confirm.data.recovery_codes} onKept={kept} />;
  }
  return (
    <form className="totp" onSubmit={(event) => {
      event.preventDefault();
      confirm.mutate(code.replace(/\s/g, ""), { onError: () => setCode("") });
    }}>
      <p className="muted">{t("factors.totp_how")}</p>
      <ProblemNotice error={start.error} onRetry={() => mutate()} />
      <div className="totp-parts">
        <div className="qr">{start.data && <img src={`data:image/svg+xml,${encodeURIComponent(start.data.qr_svg)}`} alt={t("factors.qr")} width="176" height="176" />}</div>
        <div className="totp-side">
          <p className="muted">{t("factors.secret")}</p>
          <p className="mono ltr secret">{start.data?.secret.replace(/(.{4})/g, "$1 ").trim()}</p>
          <Field label={t("factors.code")}>
            {(id) => <CodeInput id={id} value={code} onChange={setCode} />}
          </Field>
        </div>
      </div>
      <ProblemNotice error={confirm.error} />
      <button type="submit" className="button primary" disabled={code.trim().length < 6 || confirm.isPending}>{t("factors.confirm")}</button>
    </form>
  );
}

interface CodeInputProps {
  id: string;
  value: string;
  onChange: (value: string) => void;
}

/** Six figures, or a recovery code. */
export function CodeInput({ id, value, onChange }: CodeInputProps): React.JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <input ref={field} id={id} className="input code-input" dir="ltr" inputMode="text" autoComplete="one-time-code" autoCapitalize="characters" spellCheck={false}
      maxLength={40} required value={value} onChange={(event) => onChange(event.target.value)} />
  );
}

function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <div className="totp">
      <p><strong>{t("factors.recovery")}</strong></p>
      <p className="muted">{t("factors.recovery_how")}</p>
      <ol className="recovery mono ltr">{codes.map((code) => <li key={code}>{code}</li>)}</ol>
      <div className="row-end">
        <button type="button" className="button" onClick={() => void navigator.clipboard.writeText(codes.join("\n"))}>{t("action.copy")}</button>
        <button type="button" className="button primary" onClick={onKept}>{t("factors.kept")}</button>
      </div>
    </div>
  );
}
