import { useTranslation } from "react-i18next";
import { useSites } from "../../city/places";
import { fromLocalInput, toLocalInput } from "../../kernel/clock";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { Picker } from "../../kernel/Picker";
import { usePreferences } from "../../kernel/preferences";
import type { Time } from "../../kernel/wire";
import type { Use } from "../../trust/wire";
import { CameraPicker } from "../CameraPicker";
import type { Asking } from "./asking";

const USES: Use[] = ["search", "entry", "export"];

interface ScopeFieldsProps {
  asking: Asking;
  drawing: boolean;
  onDrawing: (on: boolean) => void;
  onChange: (change: Partial<Asking>) => void;
}

/** What: plates, where, when and for which use. No wider than the case needs. */
export function ScopeFields({ asking, drawing, onDrawing, onChange }: ScopeFieldsProps): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const sites = (useSites().data?.features ?? []).map(({ properties }) => ({
    code: properties.code, name: language === "ur" ? properties.name_ur || properties.name : properties.name,
  }));
  return (
    <>
      <section className="card">
        <header><h2>{t("asking.step_scope")}</h2></header>
        <Field label={t("authorities.plates")} hint={asking.every ? t("asking.no_plates_hint") : t("asking.plates_hint")}>
          {(id) => <textarea id={id} className="input plate-input" rows={3} disabled={asking.every} spellCheck={false} value={asking.plates} placeholder={"BGC771\nLE?17*"}
            onChange={(event) => onChange({ plates: event.target.value })} />}
        </Field>
        <label className="check">
          <input type="checkbox" checked={asking.every} onChange={(event) => onChange({ every: event.target.checked, ...(event.target.checked ? { uses: asking.uses.filter((use) => use !== "entry") } : {}) })} />{t("asking.no_plates")}
        </label>
        <fieldset className="inline-choices">
          <legend>{t("authorities.for_what")}</legend>
          {USES.map((use) => (
            <label key={use} className="check">
              <input type="checkbox" checked={asking.uses.includes(use)} disabled={use === "entry" && asking.every}
                onChange={(event) => onChange({ uses: event.target.checked ? [...asking.uses, use] : asking.uses.filter((each) => each !== use) })} />{t(`authorities.uses.${use}`)}
            </label>
          ))}
        </fieldset>
        <div className="field">
          <span>{t("asking.where")}</span>
          <div className="where">
            <CameraPicker chosen={asking.cameras} onChange={(cameras) => onChange({ cameras })} />
            <Picker choices={sites} chosen={asking.sites} onChange={(chosen) => onChange({ sites: chosen })} label={t("authorities.sites")}
              summary={asking.sites.length === 0 ? t("asking.whole_city") : t("groups.chosen", { count: asking.sites.length })} filter={t("groups.filter")} />
            <span className="area-buttons">
              <button type="button" className="button" aria-pressed={drawing} onClick={() => onDrawing(!drawing)}>
                <Icon name="area" />{drawing ? t("city.drawing") : asking.area ? t("plates.area_set") : t("city.draw")}
              </button>
              {asking.area && <button type="button" className="button icon quiet" aria-label={t("plates.clear_area")} onClick={() => onChange({ area: null })}><Icon name="close" /></button>}
            </span>
          </div>
        </div>
      </section>
      <section className="card">
        <header><h2>{t("asking.step_time")}</h2></header>
        <div className="form-grid">
          <Moment label={`${t("authorities.from")} (${t("time.local")})`} hint={t("asking.since_hint")} value={asking.since} onChange={(since) => onChange({ since })} />
          <Moment label={`${t("authorities.to")} (${t("time.local")})`} value={asking.until} onChange={(until) => onChange({ until })} />
          <Moment label={`${t("authorities.expires")} (${t("time.local")})`} hint={t("asking.expires_hint")} value={asking.expires_at} onChange={(expires_at) => onChange({ expires_at })} required />
        </div>
      </section>
    </>
  );
}

interface MomentProps {
  label: string;
  hint?: string;
  value: Time | null;
  required?: boolean;
  onChange: (value: Time | null) => void;
}

function Moment({ label, hint, value, required = false, onChange }: MomentProps): React.JSX.Element {
  return (
    <Field label={label} hint={hint}>
      {(id) => <input id={id} className="input" dir="ltr" type="datetime-local" required={required} value={toLocalInput(value)} onChange={(event) => onChange(fromLocalInput(event.target.value))} />}
    </Field>
  );
}
