import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../kernel/icons";
import type { RecordingPlan, WeeklyTime } from "../../kernel/wire";

export const MODES = ["continuous", "event", "scheduled", "off"] as const;
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** As people type it: empty where there is no limit. */
export interface PlanDraft {
  mode: RecordingPlan["mode"];
  schedule: WeeklyTime[];
  before_s: string;
  after_s: string;
  days: string;
  gigabytes: string;
}

export function planDraft(plan: RecordingPlan | undefined): PlanDraft {
  return {
    mode: plan?.mode ?? "continuous", schedule: plan?.schedule ?? [],
    before_s: String(plan?.before_s ?? 10), after_s: String(plan?.after_s ?? 30),
    days: plan?.days ? String(plan.days) : "", gigabytes: plan?.gigabytes ? String(plan.gigabytes) : "",
  };
}

export function planOf(draft: PlanDraft): RecordingPlan {
  return {
    mode: draft.mode, schedule: draft.schedule, before_s: Number(draft.before_s), after_s: Number(draft.after_s),
    days: draft.days ? Number(draft.days) : null, gigabytes: draft.gigabytes ? Number(draft.gigabytes) : null,
  };
}

interface FieldsProps {
  draft: PlanDraft;
  onChange: (draft: PlanDraft) => void;
}

export function RecordingFields({ draft, onChange }: FieldsProps): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const number = (name: "before_s" | "after_s" | "days" | "gigabytes", most: number, rest: React.InputHTMLAttributes<HTMLInputElement> = {}) => (
    <div className="field">
      <label htmlFor={id + name}>{t(`setup.${name}`)}</label>
      <input id={id + name} className="input" type="number" dir="ltr" min={0} max={most} value={draft[name]}
        onChange={(event) => onChange({ ...draft, [name]: event.target.value })} {...rest} />
    </div>
  );
  return (
    <fieldset className="whole recording-fields">
      <legend>{t("setup.recording")}</legend>
      <div className="form-grid">
        <div className="field whole">
          <label htmlFor={`${id}mode`}>{t("setup.mode")}</label>
          <select id={`${id}mode`} className="input" value={draft.mode}
            onChange={(event) => onChange({ ...draft, mode: event.target.value as PlanDraft["mode"] })}>
            {MODES.map((mode) => <option key={mode} value={mode}>{t(`setup.modes.${mode}`)}</option>)}
          </select>
        </div>
        {draft.mode === "scheduled" && <Schedule times={draft.schedule} onChange={(schedule) => onChange({ ...draft, schedule })} />}
        {draft.mode === "event" && number("before_s", 60, { required: true })}
        {draft.mode === "event" && number("after_s", 600, { required: true })}
        {number("days", 3650, { min: 1, placeholder: t("setup.no_limit") })}
        {number("gigabytes", 100_000, { min: 0.1, step: "any", placeholder: t("setup.no_limit") })}
      </div>
    </fieldset>
  );
}

function Schedule({ times, onChange }: { times: WeeklyTime[]; onChange: (times: WeeklyTime[]) => void }): React.JSX.Element {
  const { t } = useTranslation();
  const set = (index: number, change: Partial<WeeklyTime>) =>
    onChange(times.map((time, at) => (at === index ? { ...time, ...change } : time)));
  return (
    <div className="whole schedule">
      {times.map((time, index) => (
        // A row has no name but its place.
        <div key={index} className="schedule-row" role="group" aria-label={t("setup.time_of", { number: index + 1 })}>
          <span className="days">
            {WEEK.map((name, day) => (
              <button key={name} type="button" className="button small" aria-pressed={time.days.includes(day)}
                onClick={() => set(index, { days: time.days.includes(day) ? time.days.filter((one) => one !== day) : [...time.days, day].sort() })}>
                {t(`setup.week.${name}`)}
              </button>
            ))}
          </span>
          <input className="input" dir="ltr" value={time.from} required pattern="([01][0-9]|2[0-3]):[0-5][0-9]" aria-label={t("setup.from")}
            onChange={(event) => set(index, { from: event.target.value })} />
          <input className="input" dir="ltr" value={time.to} required pattern="(([01][0-9]|2[0-3]):[0-5][0-9])|24:00" aria-label={t("setup.to")}
            onChange={(event) => set(index, { to: event.target.value })} />
          <button type="button" className="button icon quiet" aria-label={t("action.remove")} onClick={() => onChange(times.filter((_, at) => at !== index))}>
            <Icon name="bin" />
          </button>
        </div>
      ))}
      <button type="button" className="button small" onClick={() => onChange([...times, { days: [0, 1, 2, 3, 4], from: "08:00", to: "18:00" }])}>
        <Icon name="plus" />{t("setup.add_time")}
      </button>
    </div>
  );
}
