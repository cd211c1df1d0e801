import { useState } from "react";
import { useTranslation } from "react-i18next";
import { size } from "../../kernel/bytes";
import { fromLocalInput, localClock, localDay, toLocalInput } from "../../kernel/clock";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import { useMyActive } from "../../trust/authority/authorities";
import { useExports, useMakeExport } from "./recordings";
import type { Export } from "./wire";

interface ExportDialogProps {
  cameras: string[];
  from: number;
  to: number;
  onClose: () => void;
}

/** Recordings as files, under an authority that covers all of them. */
export function ExportDialog({ cameras, from, to, onClose }: ExportDialogProps): React.JSX.Element {
  const { t } = useTranslation();
  const { rows: authorities, ready } = useMyActive("export");
  const [chosen, setChosen] = useState(cameras);
  const [span, setSpan] = useState({ from, to });
  const [authority, setAuthority] = useState("");
  const [reason, setReason] = useState("");
  const make = useMakeExport();
  const named = authority === "" ? (authorities[0]?.id ?? "") : authority;
  const whole = chosen.length > 0 && span.to > span.from && reason.trim() !== "" && named !== "";
  return (
    <Dialog title={t("playback.export")} onClose={onClose} wide>
      <form onSubmit={(event) => {
        event.preventDefault();
        make.mutate({
          cameras: chosen, from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString(), stream: "main",
          authority: named, reason: reason.trim(),
        }, { onSuccess: () => setReason("") });
      }}>
        <div className="dialog-body">
          <fieldset className="inline-choices">
            <legend>{t("nav.cameras")}</legend>
            {cameras.map((code) => (
              <label key={code} className="check">
                <input type="checkbox" checked={chosen.includes(code)} onChange={(event) => setChosen(event.target.checked ? [...chosen, code] : chosen.filter((each) => each !== code))} />
                <span className="mono ltr">{code}</span>
              </label>
            ))}
          </fieldset>
          <div className="form-grid">
            <Edge label={t("playback.in")} at={span.from} onChange={(next) => setSpan({ ...span, from: next })} />
            <Edge label={t("playback.out")} at={span.to} onChange={(next) => setSpan({ ...span, to: next })} />
          </div>
          <Field label={t("under.label")} hint={t("playback.authority_hint")}>
            {(id) => (
              <select id={id} className="input" value={named} onChange={(event) => setAuthority(event.target.value)}>
                {authorities.length === 0 && <option value="">{ready ? t("playback.no_authority") : t("app.loading")}</option>}
                {authorities.map((each) => <option key={each.id} value={each.id}>{each.number} · {each.case_ref}</option>)}
              </select>
            )}
          </Field>
          <Field label={t("playback.reason")}>
            {(id) => <input id={id} className="input" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}
          </Field>
          <ProblemNotice error={make.error} />
          <ExportList />
        </div>
        <div className="dialog-foot">
          <p className="start muted">{t("playback.export_note")}</p>
          <button type="submit" className="button primary" disabled={!whole || make.isPending}><Icon name="download" />{t("playback.make")}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Edge({ label, at, onChange }: { label: string; at: number; onChange: (at: number) => void }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <Field label={`${label} (${t("time.local")})`}>
      {(id) => (
        <input id={id} className="input" type="datetime-local" step={1} value={secondsInput(at)} onChange={(event) => {
          const chosen = fromLocalInput(event.target.value);
          if (chosen) onChange(new Date(chosen).getTime());
        }} />
      )}
    </Field>
  );
}

/** As a datetime input holds it, with seconds. */
function secondsInput(at: number): string {
  return `${toLocalInput(new Date(at).toISOString())}:${localClock(at).slice(6)}`;
}

/** One's own exports, with the hash that the audit log has too. */
function ExportList(): React.JSX.Element | null {
  const { t } = useTranslation();
  const exports = useExports(true).data?.items ?? [];
  if (exports.length === 0) return null;
  return (
    <section aria-label={t("playback.made")}>
      <h3>{t("playback.made")}</h3>
      <ul className="export-list">{exports.map((each) => <ExportItem key={each.id} made={each} />)}</ul>
    </section>
  );
}

const TONES = { making: "note", ready: "good", partial: "warn", failed: "bad", expired: "" } as const;

function ExportItem({ made }: { made: Export }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <li>
      <p>
        <span className="figures ltr">{localDay(made.since)} {localClock(made.since)}–{localClock(made.until)}</span>
        <span className={`tag ${TONES[made.state]}`}>{t(`playback.states.${made.state}`)}</span>
        <span className="muted ltr">{made.case_ref}</span>
      </p>
      <ul>
        {made.files.map((file) => (
          <li key={file.camera}>
            <span className="mono ltr">{file.camera}</span>
            {file.sha256 === null
              ? <span className="muted" dir="auto">{file.detail || t(`playback.states.${file.state}`)}</span>
              : (
                <>
                  <a className="button small" download href={`/api/video/exports/${made.id}/content?camera=${encodeURIComponent(file.camera)}`}>
                    <Icon name="download" />{t("playback.download")}
                  </a>
                  <span className="figures ltr">{size(file.size_bytes ?? 0)}</span>
                  <code className="hash mono ltr">SHA-256 {file.sha256}</code>
                </>
              )}
          </li>
        ))}
      </ul>
    </li>
  );
}
