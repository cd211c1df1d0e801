import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fromLocalInput, toLocalInput } from "../../kernel/clock";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { ProblemNotice } from "../../kernel/Notice";
import type { Time } from "../../kernel/wire";
import type { PlaceDraft } from "../wire";
import type { PlaceMap } from "./Facts";
import { useAddPlace } from "./misuse";

const KINDS: PlaceDraft["kind"][] = ["worship", "protest", "other"];

export function PlaceForm({ placeMap: MapOf, onClose }: { placeMap: PlaceMap; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const add = useAddPlace();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<PlaceDraft["kind"]>("worship");
  const [area, setArea] = useState<PlaceDraft["bounds"] | null>(null);
  const [times, setTimes] = useState<{ from: Time | null; to: Time | null }>({ from: null, to: null });
  const { from, to } = times;
  return (
    <Dialog title={t("facts.add_place")} onClose={onClose} wide>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (area && from && to) add.mutate({ name: name.trim(), kind, bounds: area, from, to }, { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          <div className="form-grid">
            <Field label={t("accounts.name")}>{(id) => <input id={id} className="input" dir="auto" required maxLength={120} value={name} onChange={(event) => setName(event.target.value)} />}</Field>
            <Field label={t("facts.kind")}>
              {(id) => <select id={id} className="input" value={kind} onChange={(event) => setKind(event.target.value as PlaceDraft["kind"])}>{KINDS.map((each) => <option key={each} value={each}>{t(`facts.kinds.${each}`)}</option>)}</select>}
            </Field>
            {(["from", "to"] as const).map((end) => (
              <Field key={end} label={`${t(`plates.${end}`)} (${t("time.local")})`}>
                {(id) => <input id={id} className="input" dir="ltr" type="datetime-local" required value={toLocalInput(times[end])} onChange={(event) => setTimes({ ...times, [end]: fromLocalInput(event.target.value) })} />}
              </Field>
            ))}
          </div>
          <p className="muted">{t("facts.draw")}</p>
          <div className="place-map"><MapOf area={area} onArea={setArea} /></div>
          <ProblemNotice error={add.error} />
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={add.isPending || area === null}>{t("action.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
