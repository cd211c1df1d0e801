import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCameras } from "../city/places";
import { fromLocalInput, toLocalInput } from "../kernel/clock";
import { Icon } from "../kernel/icons";
import type { MatchKind } from "../kernel/wire";
import type { Scope } from "../trust/wire";
import { lies } from "./authority/reach";
import { CameraPicker } from "./CameraPicker";
import { normalPlate, type ReadSearch } from "./reads";

const KINDS: MatchKind[] = ["exact", "pattern", "near"];

interface SearchFormProps {
  search: ReadSearch;
  /** How far the authority reaches: the form offers no more. */
  scope: Scope;
  drawing: boolean;
  onDrawing: (on: boolean) => void;
  onSearch: (search: ReadSearch) => void;
}

export function SearchForm({ search, scope, drawing, onDrawing, onSearch }: SearchFormProps): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(search);
  useEffect(() => field.current?.focus(), []);
  const cameras = useCameras().data ?? [];
  const limited = scope.cameras !== null || scope.sites !== null || scope.bounds !== null;
  const reachable = limited ? cameras.filter((camera) => lies(camera, scope)).map(({ code }) => code) : null;
  const times = { min: toLocalInput(scope.since) || undefined, max: toLocalInput(scope.until) || undefined };

  const send = (change: Partial<ReadSearch>) => {
    const next = { ...draft, ...change };
    const plate = normalPlate(next.plate);
    const match = /[?*]/.test(plate) ? "pattern" : next.match === "pattern" ? "exact" : next.match;
    onSearch({ ...next, plate, match: plate ? match : next.match, asked: true });
  };
  return (
    <form className="search-form" role="search" onSubmit={(event) => {
      event.preventDefault();
      send({});
    }}>
      <div className="field search-plate">
        <label htmlFor={`${id}plate`}>{t("plates.plate")}</label>
        <input ref={field} id={`${id}plate`} className="input plate-input" value={draft.plate} placeholder={t("plates.plate_hint")} title={t("plates.pattern_help")}
          list={scope.plates ? `${id}plates` : undefined} autoComplete="off" spellCheck={false} onChange={(event) => setDraft({ ...draft, plate: event.target.value })} />
        {scope.plates && <datalist id={`${id}plates`}>{scope.plates.slice(0, 50).map((plate) => <option key={plate} value={plate} />)}</datalist>}
      </div>
      <div className="field">
        <span id={`${id}match`}>{t("plates.match")}</span>
        <div className="segments" role="group" aria-labelledby={`${id}match`}>
          {KINDS.map((kind) => (
            <button key={kind} type="button" aria-pressed={draft.match === kind} onClick={() => setDraft({ ...draft, match: kind })}>{t(`plates.${kind}`)}</button>
          ))}
        </div>
      </div>
      <div className="field">
        <span>{t("plates.cameras")}</span>
        <CameraPicker only={reachable} chosen={draft.cameras} onChange={(cameras) => setDraft({ ...draft, cameras })} />
      </div>
      <div className="field">
        <label htmlFor={`${id}from`}>{t("plates.from")}</label>
        <input id={`${id}from`} className="input" dir="ltr" type="datetime-local" value={toLocalInput(draft.from)} {...times}
          onChange={(event) => setDraft({ ...draft, from: fromLocalInput(event.target.value) })} />
      </div>
      <div className="field">
        <label htmlFor={`${id}to`}>{t("plates.to")}</label>
        <input id={`${id}to`} className="input" dir="ltr" type="datetime-local" value={toLocalInput(draft.to)} {...times}
          onChange={(event) => setDraft({ ...draft, to: fromLocalInput(event.target.value) })} />
      </div>
      <div className="field">
        <span>{t("plates.area")}</span>
        <span className="area-buttons">
          <button type="button" className="button" aria-pressed={drawing} onClick={() => onDrawing(!drawing)}>
            <Icon name="area" />{drawing ? t("city.drawing") : draft.area ? t("plates.area_set") : t("city.draw")}
          </button>
          {draft.area && (
            <button type="button" className="button icon quiet" aria-label={t("plates.clear_area")} onClick={() => send({ area: null })}><Icon name="close" /></button>
          )}
        </span>
      </div>
      <button type="submit" className="button primary"><Icon name="search" />{t("plates.search")}</button>
    </form>
  );
}
