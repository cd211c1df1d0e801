import { useTranslation } from "react-i18next";
import { fromLocalInput, localClock, localDay, toLocalInput } from "../../kernel/clock";
import { Icon } from "../../kernel/icons";
import { SPEEDS, type Player, type Standing } from "./player";

interface TransportProps {
  player: Player;
  standing: Standing;
  muted: boolean;
  sounds: boolean;
  onMuted: (muted: boolean) => void;
  onSnapshot: () => void;
}

const written = (speed: number): string => (speed < 1 ? `1/${1 / speed}×` : `${speed}×`);
const three = (value: number): string => String(Math.floor(value)).padStart(3, "0");

/** Play, step, speed, and which moment it is. */
export function Transport({ player, standing, muted, sounds, onMuted, onSnapshot }: TransportProps): React.JSX.Element {
  const { t } = useTranslation();
  const { at, playing, speed } = standing;
  return (
    <div className="transport">
      <span className="transport-keys" dir="ltr">
        <Press icon="back" label={t("playback.ten_back")} text="10" onClick={() => player.seek(at - 10_000)} />
        <Press icon="back" label={t("video.step_back")} onClick={() => player.step(-1)} />
        <button type="button" className="button icon primary" aria-label={playing ? t("video.pause") : t("video.play")} onClick={() => player.toggle()}>
          <Icon name={playing ? "pause" : "play"} />
        </button>
        <Press icon="on" label={t("video.step_on")} onClick={() => player.step(1)} />
        <Press icon="on" label={t("playback.ten_on")} text="10" onClick={() => player.seek(at + 10_000)} />
      </span>
      <label className="transport-speed">
        <span className="play-hidden">{t("video.speed")}</span>
        <select className="input figures" value={Math.abs(speed)} onChange={(event) => {
          const next = Number(event.target.value);
          player.speed(next);
        }}>
          {SPEEDS.map((each) => <option key={each} value={each}>{written(each)}</option>)}
        </select>
      </label>
      {speed < 0 && playing && <span className="tag">{t("playback.backward")}</span>}
      <output className="transport-time figures" dir="ltr" aria-live="off" data-testid="moment">
        <span className="muted">{localDay(at)}</span> <strong>{localClock(at)}</strong><small>.{three(((at % 1000) + 1000) % 1000)}</small>
      </output>
      <input className="input transport-goto" type="datetime-local" step={1} aria-label={t("playback.go_to")} value={toLocalInput(new Date(at).toISOString())}
        onChange={(event) => {
          const chosen = fromLocalInput(event.target.value);
          if (chosen) player.seek(new Date(chosen).getTime());
        }} />
      <span className="grow" />
      <Press icon={muted ? "mute" : "sound"} label={muted ? t("sound.unmute") : t("sound.mute")} disabled={!sounds} onClick={() => onMuted(!muted)} />
      <button type="button" className="button" onClick={onSnapshot}><Icon name="camera" />{t("playback.snapshot")}</button>
    </div>
  );
}

interface PressProps {
  icon: React.ComponentProps<typeof Icon>["name"];
  label: string;
  text?: string;
  disabled?: boolean;
  onClick: () => void;
}

function Press({ icon, label, text, disabled, onClick }: PressProps): React.JSX.Element {
  return (
    <button type="button" className={text ? "button quiet" : "button icon quiet"} aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />{text}
    </button>
  );
}
