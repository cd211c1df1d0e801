import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ReasonDialog } from "../../kernel/Confirming";
import { fromLocalInput, toLocalInput } from "../../kernel/clock";
import { Field } from "../../kernel/Field";
import type { Time } from "../../kernel/wire";
import { useMyActive } from "../authority/authorities";
import { usePlaceHold } from "./retention";

const DAY_MS = 86_400_000;

const words = (text: string): string[] => text.toUpperCase().split(/[\s,;]+/).filter(Boolean);

/** A hold stands under an active authority and names what it keeps. */
export function PlaceHold({ onClose }: { onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const { rows, ready } = useMyActive("search");
  const place = usePlaceHold();
  const [started] = useState(() => Date.now());
  const [given, setGiven] = useState({ authority: "", plates: "", cameras: "" });
  const [times, setTimes] = useState<{ since: Time | null; until: Time | null; review_at: Time | null }>({
    since: new Date(started - 7 * DAY_MS).toISOString(), until: new Date(started).toISOString(), review_at: new Date(started + 30 * DAY_MS).toISOString(),
  });
  const authority = rows.find((each) => each.id === given.authority) ?? (rows.length === 1 ? rows[0] : undefined);
  const moment = (name: keyof typeof times, label: string) => (
    <Field label={`${label} (${t("time.local")})`}>
      {(id) => <input id={id} className="input" dir="ltr" type="datetime-local" required value={toLocalInput(times[name])} onChange={(event) => setTimes({ ...times, [name]: fromLocalInput(event.target.value) })} />}
    </Field>
  );
  const send = (reason: string) => {
    const { since, until, review_at } = times;
    if (!authority || !since || !until || !review_at) return;
    const [plates, cameras] = [words(given.plates), words(given.cameras)];
    place.mutate({
      authority: authority.id, case_ref: authority.case_ref, reason, review_at,
      scope: { plates: plates.length > 0 ? plates : null, cameras: cameras.length > 0 ? cameras : null, since, until },
    }, { onSuccess: onClose });
  };
  return (
    <ReasonDialog title={t("retention.place")} label={t("retention.reason")} send={t("retention.place")} pending={place.isPending || !authority || words(given.plates + given.cameras).length === 0}
      error={place.error} onClose={onClose} onSend={send}>
      <p className="muted">{t("retention.hold_about")}</p>
      <Field label={t("under.label")}>
        {(id) => (
          <select id={id} className="input" value={authority?.id ?? ""} onChange={(event) => setGiven({ ...given, authority: event.target.value })}>
            <option value="">{t("under.choose")}…</option>
            {rows.map((each) => <option key={each.id} value={each.id}>{each.number} · {each.case_ref}</option>)}
          </select>
        )}
      </Field>
      {ready && rows.length === 0 && <p className="invalid">{t("retention.needs_authority")}</p>}
      <div className="form-grid">
        <Field label={t("authorities.plates")}>
          {(id) => <input id={id} className="input plate-input" placeholder="BGC771 AFR420" value={given.plates} onChange={(event) => setGiven({ ...given, plates: event.target.value })} />}
        </Field>
        <Field label={t("authorities.cameras")}>
          {(id) => <input id={id} className="input mono" dir="ltr" placeholder="SD-01-A SD-01-B" value={given.cameras} onChange={(event) => setGiven({ ...given, cameras: event.target.value })} />}
        </Field>
        {moment("since", t("authorities.from"))}
        {moment("until", t("authorities.to"))}
        {moment("review_at", t("retention.review_at"))}
      </div>
    </ReasonDialog>
  );
}
