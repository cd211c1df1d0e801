import { Popover } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCameras } from "../city/places";
import { Icon } from "../kernel/icons";

interface CameraPickerProps {
  chosen: string[];
  onChange: (codes: string[]) => void;
  /** Where no others may be chosen. */
  only?: readonly string[] | null | undefined;
}

/** Several cameras out of many, with a filter. */
export function CameraPicker({ chosen, onChange, only }: CameraPickerProps): React.JSX.Element {
  const { t } = useTranslation();
  const cameras = (useCameras().data ?? []).filter((camera) => !only || only.includes(camera.code));
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const shown = cameras.filter((camera) => `${camera.code} ${camera.name}`.toLowerCase().includes(wanted));
  const set = new Set(chosen);
  return (
    <Popover.Root>
      <Popover.Trigger className="button picker-trigger">
        <span className="cut">{chosen.length === 0 ? t("plates.any_camera") : t("plates.cameras_count", { count: chosen.length })}</span>
        <Icon name="down" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover picker" align="start" sideOffset={4} aria-label={t("plates.cameras")}>
          <input className="input" type="search" value={text} placeholder={t("plates.filter_cameras")} aria-label={t("plates.filter_cameras")}
            onChange={(event) => setText(event.target.value)} />
          <ul>
            {shown.map((camera) => (
              <li key={camera.code}>
                <label className="check">
                  <input type="checkbox" checked={set.has(camera.code)} onChange={(event) => {
                    onChange(event.target.checked ? [...chosen, camera.code] : chosen.filter((code) => code !== camera.code));
                  }} />
                  <span className="mono ltr">{camera.code}</span><span className="cut muted">{camera.name}</span>
                </label>
              </li>
            ))}
          </ul>
          <button type="button" className="button small" disabled={chosen.length === 0} onClick={() => onChange([])}>{t("action.clear")}</button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
