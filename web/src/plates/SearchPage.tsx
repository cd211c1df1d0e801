import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CityMap } from "../city/CityMap";
import type { Bounds, Focus, MapCamera } from "../city/model";
import { useSiteNames } from "../city/places";
import { usePreferences } from "../kernel/preferences";
import type { Read } from "../kernel/wire";
import { useMapCameras } from "../video/health";
import { ReadDialog } from "./ReadDialog";
import { Results } from "./Results";
import { SearchForm } from "./SearchForm";
import { searchOf, searchParams } from "./searching";
import { sightings, useJourney, useReads, type ReadSearch } from "./reads";

const route = getRouteApi("/search");
const NEAR_ZOOM = 13.5;

export function SearchPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const search = useMemo(() => searchOf(params), [params]);
  const [drawing, setDrawing] = useState(false);
  const [area, setArea] = useState<Bounds | null>(null);
  const [focus, setFocus] = useState<Focus>();
  const [opened, setOpened] = useState<Read | null>(null);
  const reads = useReads(search);
  const cameras: MapCamera[] = useMapCameras();
  const journey = useJourney(search.match === "exact" ? search.plate : null, search.from, search.to);

  const shown = useMemo(() => sightings(reads.data?.pages.flatMap((page) => page.items) ?? []), [reads.data]);
  const ask = (next: ReadSearch) => {
    setDrawing(false);
    void navigate({ search: searchParams(next) });
  };
  const look = useCallback((read: Read) => {
    if (read.lon !== null && read.lat !== null) setFocus({ lon: read.lon, lat: read.lat, zoom: NEAR_ZOOM, turn: Date.now() });
  }, []);
  const draw = useCallback((bounds: Bounds) => setArea(bounds), []);
  return (
    <main className="page search-page">
      <div className="page-head">
        <h1 className="unseen">{t("nav.search")}</h1>
        <SearchForm key={JSON.stringify(search)} search={search} drawing={drawing} onDrawing={setDrawing} onSearch={ask} />
      </div>
      <div className="search-parts">
        <Results reads={reads} siteName={siteName} onOpen={setOpened} onMark={look} />
        {/* Letting go of the button is what ends the drawing. */}
        <div className="search-map" onPointerUp={() => {
          if (drawing && area) ask({ ...search, area });
        }}>
          <CityMap cameras={cameras} journey={journey.data ?? (search.plate ? shown : undefined)} focus={focus} area={drawing ? area : search.area} drawing={drawing} onArea={draw} />
        </div>
      </div>
      {opened && <ReadDialog read={opened} siteName={siteName} onClose={() => setOpened(null)} />}
    </main>
  );
}
