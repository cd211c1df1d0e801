import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fromLocalInput } from "../../kernel/clock";
import { Dialog } from "../../kernel/Dialog";
import { Field } from "../../kernel/Field";
import { ProblemNotice } from "../../kernel/Notice";
import { useSites } from "../places";
import { useRemoveDevice, useSaveDevice } from "./asking";
import type { Device, DeviceDraft, DeviceKind } from "./wire";

const KINDS: DeviceKind[] = ["power", "door", "tamper", "link", "disk"];
/** Monday is 0. */
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export function DeviceForm({ device, site, onClose }: { device: Device | null; site: string; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const sites = useSites().data?.features ?? [];
  const save = useSaveDevice(device?.code ?? null);
  const remove = useRemoveDevice();
  const window0 = device?.windows[0];
  const [draft, setDraft] = useState({
    code: device?.code ?? "", site: device?.site ?? site, kind: device?.kind ?? "power", name: device?.name ?? "",
    capacity: device?.capacity_wh ? String(device.capacity_wh) : "", days: window0?.days ?? [], from: window0?.from ?? "09:00", to: window0?.to ?? "17:00", until: "",
  });
  const set = <K extends keyof typeof draft>(name: K, value: (typeof draft)[K]) => setDraft((before) => ({ ...before, [name]: value }));
  const opens = draft.kind === "door" || draft.kind === "tamper";

  const body = (): Partial<DeviceDraft> => ({
    name: draft.name.trim(),
    ...(device === null ? { code: draft.code.trim(), site: draft.site, kind: draft.kind } : {}),
    ...(draft.kind === "power" ? { capacity_wh: draft.capacity ? Number(draft.capacity) : null } : {}),
    ...(opens ? {
      // The form holds the first window; further ones come by the API and stay.
      windows: [...(draft.days.length ? [{ days: draft.days, from: draft.from, to: draft.to }] : []), ...(device?.windows.slice(1) ?? [])],
      ...(draft.until ? { maintenance_until: fromLocalInput(draft.until) } : {}),
    } : {}),
  });

  return (
    <Dialog title={device ? t("devices.edit", { code: device.code }) : t("devices.add")} onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => {
        event.preventDefault();
        save.mutate(body(), { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          <div className="form-grid">
            <Field label={t("devices.code")}>{(id) => <input id={id} className="input" dir="ltr" required disabled={device !== null} value={draft.code} placeholder="RZ-01-power" onChange={(event) => set("code", event.target.value)} />}</Field>
            <Field label={t("devices.name")}>{(id) => <input id={id} className="input" required value={draft.name} onChange={(event) => set("name", event.target.value)} />}</Field>
            <Field label={t("devices.site")}>{(id) => (
              <select id={id} className="input" required disabled={device !== null} value={draft.site} onChange={(event) => set("site", event.target.value)}>
                {sites.map(({ properties }) => <option key={properties.code} value={properties.code}>{properties.code} {properties.name}</option>)}
              </select>
            )}</Field>
            <Field label={t("devices.kind")}>{(id) => (
              <select id={id} className="input" disabled={device !== null} value={draft.kind} onChange={(event) => set("kind", event.target.value as DeviceKind)}>
                {KINDS.map((kind) => <option key={kind} value={kind}>{t(`devices.kinds.${kind}`)}</option>)}
              </select>
            )}</Field>
            {draft.kind === "power" && (
              <Field whole label={t("devices.capacity")} hint={t("devices.capacity_hint")}>{(id) => <input id={id} className="input" type="number" min={1} max={1000000} dir="ltr" value={draft.capacity} onChange={(event) => set("capacity", event.target.value)} />}</Field>
            )}
            {opens && (
              <>
                <fieldset className="field whole days">
                  <legend>{t("devices.window")}</legend>
                  {DAYS.map((name, day) => (
                    <label key={name} className="check"><input type="checkbox" checked={draft.days.includes(day)} onChange={() => set("days", draft.days.includes(day) ? draft.days.filter((each) => each !== day) : [...draft.days, day].sort())} />{t(`devices.days.${name}`)}</label>
                  ))}
                </fieldset>
                <Field label={t("devices.from")}>{(id) => <input id={id} className="input" type="time" dir="ltr" value={draft.from} onChange={(event) => set("from", event.target.value)} />}</Field>
                <Field label={t("devices.to")}>{(id) => <input id={id} className="input" type="time" dir="ltr" value={draft.to} onChange={(event) => set("to", event.target.value)} />}</Field>
                <Field whole label={t("devices.crew")} hint={t("devices.crew_hint")}>{(id) => <input id={id} className="input" type="datetime-local" dir="ltr" value={draft.until} onChange={(event) => set("until", event.target.value)} />}</Field>
              </>
            )}
          </div>
          <ProblemNotice error={save.error ?? remove.error} />
        </div>
        <div className="dialog-foot">
          {device && (
            <button type="button" className="button start" onClick={() => {
              if (window.confirm(t("devices.remove_sure", { code: device.code }))) remove.mutate(device.code, { onSuccess: onClose });
            }}>{t("action.remove")}</button>
          )}
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={save.isPending}>{t("action.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
