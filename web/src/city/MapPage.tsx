import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { CityMap } from "./CityMap";
import type { MapCamera } from "./model";
import { useCameras } from "./places";

/** The city alone, for those who see no alarms. */
export function MapPage(): React.JSX.Element {
  const { t } = useTranslation();
  const cameras = useCameras().data;
  const marks = useMemo((): MapCamera[] => (cameras ?? []).map(({ code, name, site, lon, lat, bearing_deg }) => ({
    code, name, site, lon, lat, bearing_deg, standing: "unknown",
  })), [cameras]);
  return (
    <main className="map-page" aria-label={t("nav.map")}>
      <CityMap cameras={marks} />
    </main>
  );
}
