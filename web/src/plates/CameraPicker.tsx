import { useTranslation } from "react-i18next";
import { useCameras } from "../city/places";
import { Picker } from "../kernel/Picker";

interface CameraPickerProps {
  chosen: string[];
  onChange: (codes: string[]) => void;
  /** Where no others may be chosen. */
  only?: readonly string[] | null | undefined;
}

export function CameraPicker({ chosen, onChange, only }: CameraPickerProps): React.JSX.Element {
  const { t } = useTranslation();
  const cameras = (useCameras().data ?? []).filter((camera) => !only || only.includes(camera.code));
  const summary = chosen.length === 0 ? t("plates.any_camera") : t("plates.cameras_count", { count: chosen.length });
  return (
    <Picker choices={cameras} chosen={chosen} onChange={onChange} label={t("plates.cameras")} summary={summary}
      filter={t("plates.filter_cameras")} />
  );
}
