import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Icon } from "../../kernel/icons";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import type { CameraDraft } from "../../kernel/wire";
import { NOWHERE, onvifAddress, placeOf, useDiscovery, useProbe, useSetupWorkers, withLogin, type Place } from "./asking";
import { Offer } from "./Offer";
import { TestPicture } from "./TestPicture";
import type { CameraDescription, FoundDevice } from "./wire";
import "./setup.css";

interface SetupProps {
  onChosen: (draft: Partial<CameraDraft>) => void;
  onClose: () => void;
}

/** Search, sign in, choose streams, look at a picture: what is then entered into the form. */
export function SetupDialog({ onChosen, onClose }: SetupProps): React.JSX.Element {
  const { t } = useTranslation();
  const workers = useSetupWorkers();
  const [place, setPlace] = useState<Place>(NOWHERE);
  const probe = useProbe();
  const offered = probe.data;
  const known = workers.data?.workers ?? [];
  return (
    <Dialog title={t("setup.find")} onClose={onClose} wide>
      <div className="dialog-body setup-body">
        <ProblemNotice error={workers.error} />
        {workers.data && known.length === 0 && <p className="notice warn"><Icon name="warn" />{t("setup.no_worker")}</p>}
        {offered
          ? <Offered said={offered} place={place} onBack={probe.reset} onChosen={onChosen} />
          : (
            <>
              <Search workers={known} onFound={(found, worker) => setPlace(placeOf(found.address, worker, place))} />
              <SignIn place={place} onChange={setPlace} pending={probe.isPending} onProbe={() => probe.mutate(place)} />
              <ProblemNotice error={probe.error} />
            </>
          )}
      </div>
    </Dialog>
  );
}

function Search({ workers, onFound }: { workers: string[]; onFound: (found: FoundDevice, worker: string) => void }): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const [worker, setWorker] = useState("");
  const [networks, setNetworks] = useState("");
  const search = useDiscovery();
  const result = search.data;
  return (
    <form className="setup-step" onSubmit={(event) => {
      event.preventDefault();
      search.mutate({ worker, networks: networks.split(/[\s,;]+/).filter(Boolean) });
    }}>
      <h3>{t("setup.step_search")}</h3>
      <div className="setup-row">
        <div className="field">
          <label htmlFor={`${id}worker`}>{t("video.worker")}</label>
          <select id={`${id}worker`} className="input" value={worker} onChange={(event) => setWorker(event.target.value)}>
            <option value="">{t("setup.any_worker")}</option>
            {workers.map((name) => <option key={name}>{name}</option>)}
          </select>
        </div>
        <div className="field grow">
          <label htmlFor={`${id}networks`}>{t("setup.networks")}</label>
          <input id={`${id}networks`} className="input mono" dir="ltr" value={networks} placeholder="10.20.1.0/24"
            onChange={(event) => setNetworks(event.target.value)} />
        </div>
        <button type="submit" className="button" disabled={search.isPending || workers.length === 0}>
          <Icon name="search" />{search.isPending ? t("setup.searching") : t("setup.search")}
        </button>
      </div>
      <span className="hint">{t("setup.networks_hint")}</span>
      <ProblemNotice error={search.error} />
      {result?.found.length === 0 && <Empty title={t("setup.none_found")} />}
      {result && result.elsewhere > 0 && <p className="notice warn"><Icon name="warn" />{t("setup.elsewhere", { count: result.elsewhere })}</p>}
      {result && result.found.length > 0 && (
        <ul className="found-list" aria-label={t("setup.found")}>
          {result.found.map((one) => (
            <li key={one.address}>
              <button type="button" className="button quiet" onClick={() => onFound(one, result.worker)}>
                <span className="mono ltr">{one.host}</span>
                <span dir="auto">{[one.name, one.hardware, one.location].filter(Boolean).join(" · ")}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

interface SignInProps {
  place: Place;
  onChange: (place: Place) => void;
  pending: boolean;
  onProbe: () => void;
}

function SignIn({ place, onChange, pending, onProbe }: SignInProps): React.JSX.Element {
  const { t } = useTranslation();
  const id = useId();
  const text = (name: "host" | "port" | "username" | "password" | "path", rest: React.InputHTMLAttributes<HTMLInputElement> = {}) => (
    <div className="field">
      <label htmlFor={id + name}>{t(`setup.${name}`)}</label>
      <input id={id + name} className="input" dir="ltr" value={place[name]} spellCheck={false}
        onChange={(event) => onChange({ ...place, [name]: event.target.value })} {...rest} />
    </div>
  );
  return (
    <form className="setup-step" onSubmit={(event) => {
      event.preventDefault();
      onProbe();
    }}>
      <h3>{t("setup.step_ask")}</h3>
      <div className="form-grid">
        {text("host", { required: true, placeholder: "10.20.1.7" })}
        {text("port", { required: true, type: "number", min: 1, max: 65535 })}
        {text("username", { autoComplete: "off" })}
        {text("password", { type: "password", autoComplete: "new-password" })}
        {text("path", { required: true, pattern: "/.*" })}
        <div className="field">
          <label className="check"><input type="checkbox" checked={place.tls} onChange={(event) => onChange({ ...place, tls: event.target.checked })} />{t("setup.tls")}</label>
        </div>
      </div>
      <div className="setup-actions">
        <button type="submit" className="button primary" disabled={pending}>{pending ? t("setup.asking") : t("setup.ask")}</button>
      </div>
    </form>
  );
}

interface OfferedProps {
  said: CameraDescription;
  place: Place;
  onBack: () => void;
  onChosen: (draft: Partial<CameraDraft>) => void;
}

/** The streams of a camera: one for recording, one for the wall. */
function Offered({ said, place, onBack, onChosen }: OfferedProps): React.JSX.Element {
  const { t } = useTranslation();
  const bySize = [...said.profiles].sort((a, b) => b.encoder.width - a.encoder.width);
  const [main, setMain] = useState(bySize[0]?.token ?? "");
  const [sub, setSub] = useState(bySize.length > 1 ? (bySize.at(-1)?.token ?? "") : "");
  const uriOf = (token: string) => said.profiles.find((one) => one.token === token)?.stream_uri;
  const mainUri = uriOf(main);
  const subUri = uriOf(sub);
  return (
    <form className="setup-step" onSubmit={(event) => {
      event.preventDefault();
      if (!mainUri) return;
      const draft: Partial<CameraDraft> = {
        address: withLogin(mainUri, place), sub_address: subUri ? withLogin(subUri, place) : null,
        onvif_address: onvifAddress(place), vendor: said.vendor, model: said.model,
      };
      onChosen(draft);
    }}>
      <h3>{t("setup.step_choose")}</h3>
      <Offer said={said} />
      <div className="form-grid">
        <Choice label={t("setup.main")} value={main} onChange={setMain} said={said} />
        <Choice label={t("setup.sub")} value={sub} onChange={setSub} said={said} none={t("setup.no_sub")} />
      </div>
      <div className="form-grid">
        <TestPicture key={main} label={t("setup.try_main")} of={mainUri ? { worker: place.worker, address: withLogin(mainUri, place) } : null} />
        <TestPicture key={`sub ${sub}`} label={t("setup.try_sub")} of={subUri ? { worker: place.worker, address: withLogin(subUri, place) } : null} />
      </div>
      <div className="setup-actions">
        <button type="button" className="button" onClick={onBack}>{t("setup.back")}</button>
        <button type="submit" className="button primary" disabled={!mainUri}>{t("setup.take")}</button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (token: string) => void;
  said: CameraDescription;
  none?: string;
}

function Choice({ label, value, onChange, said, none }: ChoiceProps): React.JSX.Element {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        {none && <option value="">{none}</option>}
        {said.profiles.map((one) => (
          <option key={one.token} value={one.token}>{`${one.name} ${one.encoder.width}×${one.encoder.height} ${one.encoder.codec}`}</option>
        ))}
      </select>
    </div>
  );
}
