import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Moment } from "../kernel/Age";
import { ProblemError } from "../kernel/http";
import { Icon } from "../kernel/icons";
import { useKeys } from "../kernel/keys";
import { ProblemNotice } from "../kernel/Notice";
import type { Alarm } from "../kernel/wire";
import { useAllowed } from "../trust/session";
import { isOpen, useDecide, type Verdict } from "./alarms";

const PRESETS = {
  confirm: ["all", "vehicle", "clip"],
  reject: ["misread", "vehicle", "unreadable", "entry"],
} as const;
/** Without a picture a word is not enough. */
const SHORTEST_WITHOUT_PICTURE = 10;

interface DecisionBarProps {
  alarm: Alarm;
  /** The picture stood on the screen. */
  seen: boolean;
  /** The picture was asked for, again and again, and did not come. */
  missing?: boolean;
}

export function DecisionBar({ alarm, seen, missing = false }: DecisionBarProps): React.JSX.Element | null {
  const { t } = useTranslation();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const blind = !alarm.read?.picture || (missing && !seen);
  const allowed = seen || blind;
  const open = isOpen(alarm.state);
  const decides = useAllowed("alarms.decide");
  useKeys(decides && open && allowed ? { c: () => setVerdict("confirm"), r: () => setVerdict("reject") } : {});

  if (!open) return <Decided alarm={alarm} />;
  if (!decides) return null;
  if (verdict) return <Form key={verdict} alarm={alarm} verdict={verdict} blind={blind} onCancel={() => setVerdict(null)} />;
  return (
    <footer className="decision">
      <p className="muted">{alarm.kind !== "plate_match" ? t("plain_alarm.decide_hint") : allowed ? t("alarms.never_alone") : t("alarms.wait_picture")}</p>
      <div className="decision-buttons">
        <button type="button" className="button bad" disabled={!allowed} onClick={() => setVerdict("reject")}>{t("alarms.reject")} <kbd>r</kbd></button>
        <button type="button" className="button good" disabled={!allowed} onClick={() => setVerdict("confirm")}>{t("alarms.confirm")} <kbd>c</kbd></button>
      </div>
    </footer>
  );
}

function Decided({ alarm }: { alarm: Alarm }): React.JSX.Element {
  const { t } = useTranslation();
  return (
    <footer className={`decision decided ${alarm.state}`} role="status">
      <Icon name={alarm.state === "confirmed" ? "check" : "close"} />
      <div>
        <p><strong>{t(`alarms.states.${alarm.state}`)}</strong> · {alarm.decision_reason}</p>
        <p className="muted">
          {alarm.decided_by && t("alarms.decided_by", { name: alarm.decided_by })} {alarm.decided_at && <Moment at={alarm.decided_at} />}
        </p>
      </div>
    </footer>
  );
}

interface FormProps {
  alarm: Alarm;
  verdict: Verdict;
  /** There is no picture to look at: the person says in words how they made sure. */
  blind: boolean;
  onCancel: () => void;
}

function Form({ alarm, verdict, blind, onCancel }: FormProps): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const decide = useDecide();
  const plain = alarm.kind !== "plate_match";
  const presets = plain ? [] : PRESETS[verdict].map((name) => verdict === "confirm"
    ? t(`alarms.confirm_reasons.${name as (typeof PRESETS)["confirm"][number]}`)
    : t(`alarms.reject_reasons.${name as (typeof PRESETS)["reject"][number]}`));
  const [chosen, setChosen] = useState(blind ? -1 : 0);
  const [words, setWords] = useState("");
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const reason = [presets[chosen] ?? "", words.trim()].filter(Boolean).join(". ");
  const enough = blind ? words.trim().length >= SHORTEST_WITHOUT_PICTURE : reason !== "";
  const conflict = decide.error instanceof ProblemError && decide.error.status === 409;
  return (
    <footer className="decision">
      {/* Escape leaves the form from any field in it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <form onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onCancel();
      }} onSubmit={(event) => {
        event.preventDefault();
        if (enough) decide.mutate({ id: alarm.id, verdict, reason });
      }}>
        <fieldset className="decision-reasons">
          <legend>{t(plain ? `plain_alarm.${verdict}_title` : `alarms.${verdict}_title`)}</legend>
          {presets.map((text, index) => (
            <label key={text} className="check">
              <input ref={index === 0 ? first : undefined} type="radio" name={`${id}reason`} checked={chosen === index} onChange={() => setChosen(index)} />
              {text}
            </label>
          ))}
        </fieldset>
        <input ref={plain ? first : undefined} className="input" value={words} maxLength={500} aria-label={t("alarms.other_reason")}
          placeholder={t(plain ? "plain_alarm.why" : "alarms.other_reason")} onChange={(event) => setWords(event.target.value)} />
        {blind && !plain && <p className="invalid">{t("alarms.no_picture_rule")}</p>}
        {conflict ? <p className="invalid" role="alert">{t("problem.conflict")}</p> : <ProblemNotice error={decide.error} />}
        <div className="decision-buttons">
          <button type="button" className="button" onClick={onCancel}>{t("action.cancel")} <kbd>Esc</kbd></button>
          <button type="submit" className={`button ${verdict === "confirm" ? "good" : "bad"}`} disabled={!enough || decide.isPending}>
            {t(plain ? `plain_alarm.send_${verdict}` : `alarms.send_${verdict}`)} <kbd>↵</kbd>
          </button>
        </div>
      </form>
    </footer>
  );
}
