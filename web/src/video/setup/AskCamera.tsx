import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "../../kernel/Notice";
import { useProbe, useSetEncoder } from "./asking";
import { Offer } from "./Offer";
import { TestPicture } from "./TestPicture";
import type { OfferedProfile } from "./wire";
import "./setup.css";

/** What a camera that runs says of itself now; its keyframes can be set, after a question. */
export function AskCamera({ camera, onvif, sub }: { camera: string; onvif: boolean; sub: boolean }): React.JSX.Element {
  const { t } = useTranslation();
  const probe = useProbe();
  return (
    <fieldset className="whole recording-fields">
      <legend>{t("setup.now")}</legend>
      <div className="form-grid">
        <TestPicture label={t("setup.try_main")} of={{ camera, stream: "main" }} />
        {sub && <TestPicture label={t("setup.try_sub")} of={{ camera, stream: "sub" }} />}
      </div>
      {onvif && (
        <button type="button" className="button small" disabled={probe.isPending} onClick={() => probe.mutate({ camera })}>
          {probe.isPending ? t("setup.asking") : t("setup.ask")}
        </button>
      )}
      <ProblemNotice error={probe.error} />
      {probe.data && <Offer said={probe.data} action={(profile) => <Keyframes camera={camera} profile={profile} onSet={() => probe.mutate({ camera })} />} />}
    </fieldset>
  );
}

function Keyframes({ camera, profile, onSet }: { camera: string; profile: OfferedProfile; onSet: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const set = useSetEncoder(camera);
  const [fps, setFps] = useState(String(profile.encoder.fps || 25));
  const [gop, setGop] = useState(String(profile.encoder.gop || 50));
  const valid = Number(fps) >= 1 && Number(gop) >= 1;
  return (
    <span className="keyframes">
      <input className="input" type="number" dir="ltr" min={1} max={120} value={fps} aria-label={`${profile.name}: ${t("video.fps")}`} onChange={(event) => setFps(event.target.value)} />
      <input className="input" type="number" dir="ltr" min={1} max={1000} value={gop} aria-label={`${profile.name}: ${t("setup.gop")}`} onChange={(event) => setGop(event.target.value)} />
      <button type="button" className="button small" disabled={!valid || set.isPending} onClick={() => {
        if (!window.confirm(t("setup.set_sure", { name: profile.name, fps, gop }))) return;
        set.mutate({ token: profile.encoder.token, fps: Math.round(Number(fps)), gop: Math.round(Number(gop)) }, { onSuccess: onSet });
      }}>{t("setup.set")}</button>
      <ProblemNotice error={set.error} />
    </span>
  );
}
