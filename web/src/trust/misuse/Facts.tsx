import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { localMoment, useNow } from "../../kernel/clock";
import { Field } from "../../kernel/Field";
import { Icon } from "../../kernel/icons";
import { ImportReportDialog } from "../../kernel/ImportReport";
import { ProblemNotice } from "../../kernel/Notice";
import { rowsOf } from "../../kernel/paging";
import type { ImportReport } from "../../kernel/wire";
import { useAccounts } from "../accounts/accounts";
import { useImportShifts, usePlaces, useRemovePlace, useSetVehicles, useVehicles } from "./misuse";
import { PlaceForm } from "./PlaceForm";

/** A map on which an area can be drawn; the shell brings it, trust knows no map. */
export type PlaceMap = React.ComponentType<{ area: [number, number, number, number] | null; onArea: (area: [number, number, number, number]) => void }>;

/** What the detectors hold the log against. */
export function Facts({ placeMap }: { placeMap: PlaceMap }): React.JSX.Element {
  return (
    <div className="sheet-page">
      <Shifts />
      <VehiclesCard />
      <Places placeMap={placeMap} />
    </div>
  );
}

function Shifts(): React.JSX.Element {
  const { t } = useTranslation();
  const file = useRef<HTMLInputElement>(null);
  const importing = useImportShifts();
  const [report, setReport] = useState<{ name: string; report: ImportReport } | null>(null);
  return (
    <section className="card" aria-label={t("facts.shifts")}>
      <header>
        <h2>{t("facts.shifts")}</h2>
        <input ref={file} type="file" accept=".csv,text/csv" hidden aria-label={t("action.import")} onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          if (chosen) importing.mutate(chosen, { onSuccess: (done) => setReport({ name: chosen.name, report: done }) });
        }} />
        <button type="button" className="button" onClick={() => file.current?.click()}><Icon name="upload" />{t("action.import")}</button>
      </header>
      <p className="muted">{t("facts.shifts_about")}</p>
      <ProblemNotice error={importing.error} />
      {report && <ImportReportDialog {...report} onClose={() => setReport(null)} />}
    </section>
  );
}

function VehiclesCard(): React.JSX.Element {
  const { t } = useTranslation();
  const accounts = rowsOf(useAccounts());
  const [account, setAccount] = useState("");
  const vehicles = useVehicles(account === "" ? null : account);
  return (
    <section className="card" aria-label={t("facts.vehicles")}>
      <header><h2>{t("facts.vehicles")}</h2></header>
      <p className="muted">{t("facts.vehicles_about")}</p>
      <Field label={t("accounts.name")}>
        {(id) => (
          <select id={id} className="input" value={account} onChange={(event) => setAccount(event.target.value)}>
            <option value="">{t("facts.choose_person")}…</option>
            {accounts.map((each) => <option key={each.id} value={each.id}>{each.display_name} ({each.username})</option>)}
          </select>
        )}
      </Field>
      <ProblemNotice error={vehicles.error} />
      {vehicles.data && <VehicleForm key={account} account={account} start={vehicles.data} />}
    </section>
  );
}

const plates = (text: string): string[] => text.toUpperCase().split(/[\s,;]+/).filter(Boolean);

function VehicleForm({ account, start }: { account: string; start: { own: string[]; household: string[] } }): React.JSX.Element {
  const { t } = useTranslation();
  const save = useSetVehicles(account);
  const [own, setOwn] = useState(start.own.join(" "));
  const [household, setHousehold] = useState(start.household.join(" "));
  return (
    <form className="form-grid" onSubmit={(event) => {
      event.preventDefault();
      save.mutate({ own: plates(own), household: plates(household) });
    }}>
      <Field label={t("facts.own")}>{(id) => <input id={id} className="input plate-input" value={own} onChange={(event) => setOwn(event.target.value)} />}</Field>
      <Field label={t("facts.household")}>{(id) => <input id={id} className="input plate-input" value={household} onChange={(event) => setHousehold(event.target.value)} />}</Field>
      <div className="whole row-end">
        <ProblemNotice error={save.error} />
        {save.isSuccess && <span className="verdict good" role="status"><Icon name="check" />{t("facts.saved")}</span>}
        <button type="submit" className="button primary" disabled={save.isPending}>{t("action.save")}</button>
      </div>
    </form>
  );
}

function Places({ placeMap }: { placeMap: PlaceMap }): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const places = usePlaces();
  const remove = useRemovePlace();
  const [adding, setAdding] = useState(false);
  return (
    <section className="card" aria-label={t("facts.places")}>
      <header><h2>{t("facts.places")}</h2><button type="button" className="button" onClick={() => setAdding(true)}><Icon name="plus" />{t("facts.add_place")}</button></header>
      <p className="muted">{t("facts.places_about")}</p>
      <ProblemNotice error={places.error ?? remove.error} />
      <ul className="place-list">
        {places.data?.items.map((place) => (
          <li key={place.id}>
            <Icon name="pin" /><span className="cut" dir="auto">{place.name}</span><span className="tag">{t(`facts.kinds.${place.kind}`)}</span>
            <span className="muted figures"><span className="ltr">{localMoment(place.from, now)}</span> – <span className="ltr">{localMoment(place.to, now)}</span></span>
            <button type="button" className="button small" onClick={() => remove.mutate(place.id)}>{t("action.remove")}</button>
          </li>
        ))}
      </ul>
      {adding && <PlaceForm placeMap={placeMap} onClose={() => setAdding(false)} />}
    </section>
  );
}
