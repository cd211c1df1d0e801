import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../kernel/Dialog";
import { Icon } from "../../kernel/icons";
import { forgotten, recalled, resized, saved, showing, SIZES, type Wall } from "./layouts";

interface WallBarProps {
  wall: Wall;
  onChange: (wall: Wall) => void;
  /** What fills the screen. */
  screen: React.RefObject<HTMLElement | null>;
}

/** How many tiles, which arrangement. */
export function WallBar({ wall, onChange, screen }: WallBarProps): React.JSX.Element {
  const { t } = useTranslation();
  const [naming, setNaming] = useState(false);
  const current = wall.saved.find(({ size, tiles }) => size === wall.size && tiles.join("\n") === wall.tiles.join("\n"))?.name ?? "";
  return (
    <header className="wall-bar">
      <h1>{t("nav.wall")}</h1>
      <div className="segments" role="group" aria-label={t("wall.tiles")}>
        {SIZES.map((size) => (
          <button key={size} type="button" aria-pressed={size === wall.size} onClick={() => onChange(resized(wall, size))}><span className="figures">{size}</span></button>
        ))}
      </div>
      <select className="input" value={current} aria-label={t("wall.arrangement")} onChange={(event) => onChange(recalled(wall, event.target.value))}>
        <option value="" disabled={wall.saved.length > 0}>{t("wall.arrangement")}</option>
        {wall.saved.map(({ name }) => <option key={name} value={name}>{name}</option>)}
      </select>
      <button type="button" className="button" onClick={() => setNaming(true)} disabled={wall.tiles.every((code) => code === null)}>{t("wall.keep")}</button>
      {current && <button type="button" className="button quiet" onClick={() => onChange(forgotten(wall, current))}>{t("wall.forget")}</button>}
      <span className="grow" />
      <button type="button" className="button quiet" onClick={() => onChange(showing(wall, []))}>{t("wall.clear")}</button>
      <button type="button" className="button icon quiet" aria-label={t("wall.whole_screen")} title={t("wall.whole_screen")} onClick={() => void screen.current?.requestFullscreen()}>
        <Icon name="area" />
      </button>
      {naming && <Naming wall={wall} onClose={() => setNaming(false)} onChange={onChange} />}
    </header>
  );
}

function Naming({ wall, onClose, onChange }: { wall: Wall; onClose: () => void; onChange: (wall: Wall) => void }): React.JSX.Element {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  return (
    <Dialog title={t("wall.keep_title")} onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        onChange(saved(wall, name));
        onClose();
      }}>
        <div className="dialog-body">
          <label className="field"><span>{t("wall.name")}</span>
            <input className="input" value={name} maxLength={40} required onChange={(event) => setName(event.target.value)} />
          </label>
        </div>
        <div className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>{t("action.cancel")}</button>
          <button type="submit" className="button primary" disabled={!name.trim()}>{t("action.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
