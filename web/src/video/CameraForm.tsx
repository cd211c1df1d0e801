import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRemoveCamera, useSaveCamera, useSites } from "../city/places";
import { Dialog } from "../kernel/Dialog";
import { ProblemNotice } from "../kernel/Notice";
import type { Camera, CameraDraft } from "../kernel/wire";
import { useAllowed } from "../trust/session";
import { AskCamera } from "./setup/AskCamera";
import { planDraft, planOf, RecordingFields, type PlanDraft } from "./setup/RecordingFields";
import "./setup/setup.css";

interface Draft {
  code: string;
  name: string;
  site: string;
  lon: string;
  lat: string;
  bearing: string;
  address: string;
  enabled: boolean;
  read_plates: boolean;
  analysis_fps: string;
  sub_address: string;
  onvif_address: string;
  /** Second addresses that the camera is to lose. */
  without: ("sub_address" | "onvif_address")[];
  vendor: string;
  model: string;
  audio: boolean;
  plan: PlanDraft;
}

function draftOf(camera: Camera | null, found: Partial<CameraDraft> | null, site: string): Draft {
  return {
    code: camera?.code ?? "", name: camera?.name ?? "", site: camera?.site ?? site,
    lon: camera ? String(camera.lon) : "", lat: camera ? String(camera.lat) : "",
    bearing: camera?.bearing_deg === null || !camera ? "" : String(camera.bearing_deg),
    address: found?.address ?? "", enabled: camera?.enabled ?? true, read_plates: camera?.read_plates ?? true,
    analysis_fps: String(camera?.analysis_fps ?? 5),
    sub_address: found?.sub_address ?? "", onvif_address: found?.onvif_address ?? "", without: [],
    vendor: found?.vendor ?? camera?.vendor ?? "", model: found?.model ?? camera?.model ?? "",
    audio: camera?.audio ?? false, plan: planDraft(camera?.recording),
  };
}

function bodyOf(draft: Draft, isNew: boolean): Partial<CameraDraft> {
  const body: Partial<CameraDraft> = {
    name: draft.name.trim(), site: draft.site, enabled: draft.enabled, read_plates: draft.read_plates,
    analysis_fps: Number(draft.analysis_fps), vendor: draft.vendor.trim(), model: draft.model.trim(),
    audio: draft.audio, recording: planOf(draft.plan),
  };
  for (const name of ["sub_address", "onvif_address"] as const) {
    if (draft[name].trim()) body[name] = draft[name].trim();
    else if (draft.without.includes(name)) body[name] = null;
  }
  if (isNew) body.code = draft.code.trim();
  if (draft.lon) body.lon = Number(draft.lon);
  if (draft.lat) body.lat = Number(draft.lat);
  if (draft.bearing) body.bearing_deg = Number(draft.bearing);
  if (draft.address.trim()) body.address = draft.address.trim();
  return body;
}

interface FormProps {
  camera: Camera | null;
  /** What a search and the camera itself gave, for a new one. */
  found?: Partial<CameraDraft> | null;
  onClose: () => void;
}

export function CameraForm({ camera, found = null, onClose }: FormProps): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const sites = useSites().data?.features ?? [];
  const [draft, setDraft] = useState(() => draftOf(camera, found, sites[0]?.properties.code ?? ""));
  const setsUp = useAllowed("video.set_up");
  const save = useSaveCamera(camera?.code ?? null);
  const remove = useRemoveCamera();
  const set = <K extends keyof Draft>(name: K, value: Draft[K]) => setDraft((before) => ({ ...before, [name]: value }));
  const text = (name: "code" | "name" | "lon" | "lat" | "bearing" | "analysis_fps" | "vendor" | "model", label: string, rest: React.InputHTMLAttributes<HTMLInputElement> = {}) => (
    <div className="field">
      <label htmlFor={id + name}>{label}</label>
      <input id={id + name} className="input" value={draft[name]} onChange={(event) => set(name, event.target.value)} {...rest} />
    </div>
  );
  const number = { type: "number", step: "any", dir: "ltr" } as const;
  return (
    <Dialog title={camera ? t("video.edit", { code: camera.code }) : t("video.add")} onClose={onClose} wide>
      <form className="dialog-form" onSubmit={(event) => {
        event.preventDefault();
        save.mutate(bodyOf(draft, camera === null), { onSuccess: onClose });
      }}>
        <div className="dialog-body">
          <div className="form-grid">
            {text("code", t("video.code"), { required: true, disabled: camera !== null, dir: "ltr", placeholder: "RZ-01-A" })}
            {text("name", t("video.name"), { required: true })}
            <div className="field">
              <label htmlFor={`${id}site`}>{t("video.site")}</label>
              <select id={`${id}site`} className="input" value={draft.site} required onChange={(event) => set("site", event.target.value)}>
                {sites.map(({ properties }) => <option key={properties.code} value={properties.code}>{properties.code} {properties.name}</option>)}
              </select>
            </div>
            {text("bearing", t("video.bearing"), { ...number, min: 0, max: 359.9 })}
            {text("lon", t("video.lon"), { ...number, min: -180, max: 180 })}
            {text("lat", t("video.lat"), { ...number, min: -90, max: 90 })}
            <div className="field whole">
              <label htmlFor={`${id}address`}>{t("video.address")}</label>
              <input id={`${id}address`} className="input mono" dir="ltr" value={draft.address} autoComplete="off" spellCheck={false}
                required={camera === null} placeholder={camera?.address ?? "rtsp://user:password@host/stream"}
                onChange={(event) => set("address", event.target.value)} />
              <span className="hint">{camera ? t("video.address_keep") : t("video.address_hint")}</span>
            </div>
            <SecondAddress name="sub_address" draft={draft} set={set} present={camera?.sub_address ?? null} hint="" />
            <SecondAddress name="onvif_address" draft={draft} set={set} present={camera?.onvif_address ?? null} hint={t("setup.onvif_hint")} />
            {text("vendor", t("setup.vendor"), { maxLength: 120 })}
            {text("model", t("setup.model"), { maxLength: 120 })}
            {text("analysis_fps", t("video.analysis_fps"), { ...number, min: 0.1, max: 30 })}
            <div className="field">
              <label className="check"><input type="checkbox" checked={draft.enabled} onChange={(event) => set("enabled", event.target.checked)} />{t("video.enabled")}</label>
              <label className="check"><input type="checkbox" checked={draft.read_plates} onChange={(event) => set("read_plates", event.target.checked)} />{t("video.read_plates")}</label>
              <label className="check"><input type="checkbox" checked={draft.audio} onChange={(event) => set("audio", event.target.checked)} />{t("setup.audio")}</label>
            </div>
            <RecordingFields draft={draft.plan} onChange={(plan) => set("plan", plan)} />
            {camera?.enabled && setsUp && <AskCamera camera={camera.code} onvif={camera.onvif_address !== null} sub={camera.sub_address !== null} />}
          </div>
          <ProblemNotice error={save.error ?? remove.error} />
        </div>
        <div className="dialog-foot">
          {camera && (
            <button type="button" className="button start" onClick={() => {
              if (window.confirm(t("video.remove_sure", { code: camera.code }))) remove.mutate(camera.code, { onSuccess: onClose });
            }}>{t("video.remove")}</button>
          )}
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={save.isPending}>{t("action.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

interface SecondProps {
  name: "sub_address" | "onvif_address";
  draft: Draft;
  set: <K extends keyof Draft>(name: K, value: Draft[K]) => void;
  /** Masked, as it stands. */
  present: string | null;
  hint: string;
}

/** An address that a camera need not have: left empty it stays as it is, and it can be taken away. */
function SecondAddress({ name, draft, set, present, hint }: SecondProps): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const gone = draft.without.includes(name);
  return (
    <div className="field whole">
      <label htmlFor={id}>{t(`setup.${name}`)}</label>
      <input id={id} className="input mono" dir="ltr" value={draft[name]} autoComplete="off" spellCheck={false} disabled={gone}
        placeholder={present ?? ""} onChange={(event) => set(name, event.target.value)} />
      {present === null
        ? hint && <span className="hint">{hint}</span>
        : (
          <label className="check">
            <input type="checkbox" checked={gone}
              onChange={(event) => set("without", event.target.checked ? [...draft.without, name] : draft.without.filter((one) => one !== name))} />
            {t("setup.take_away")}
          </label>
        )}
    </div>
  );
}
