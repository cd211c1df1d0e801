import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CityMap } from "../city/CityMap";
import type { Bounds, Focus } from "../city/model";
import { useSiteNames } from "../city/places";
import { Empty } from "../kernel/Notice";
import { usePreferences } from "../kernel/preferences";
import type { Read } from "../kernel/wire";
import type { Authority } from "../trust/wire";
import { useMapCameras } from "../video/health";
import { boundsOf } from "./authority/reach";
import { AuthorityBar, AuthorityInvitation } from "./AuthorityBar";
import { ReadDialog } from "./ReadDialog";
import { Results } from "./Results";
import { SearchForm } from "./SearchForm";
import { searchOf, searchParams } from "./searching";
import { sightings, useJourney, useReads, type ReadSearch } from "./reads";
import { Under, useWorking } from "./under";

const route = getRouteApi("/search");
const NEAR_ZOOM = 13.5;

/** First the authority, then the search: nothing is looked at without one. */
export function SearchPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { authority, choices, ready, lost } = useWorking();
  return (
    <main className="page search-page">
      <div className="page-head">
        <h1 className="unseen">{t("nav.search")}</h1>
        {(authority !== null || choices.length > 0) && <AuthorityBar authority={authority} choices={choices} lost={lost} />}
      </div>
      {authority === null
        ? <div className="search-invitation">{ready ? <AuthorityInvitation choices={choices} /> : <Empty title={t("app.loading")} />}</div>
        : <Under value={authority.id}><Search key={authority.id} authority={authority} /></Under>}
    </main>
  );
}

/** An authority for one plate is asked about that one. */
function begin(search: ReadSearch, { scope }: Authority): ReadSearch {
  const only = scope.plates?.length === 1 ? (scope.plates[0] ?? "") : "";
  if (search.plate || search.asked || !only) return search;
  return { ...search, plate: only, match: /[?*]/.test(only) ? "pattern" : "exact" };
}

function Search({ authority }: { authority: Authority }): React.JSX.Element {
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const search = useMemo(() => begin(searchOf(params), authority), [params, authority]);
  const [drawing, setDrawing] = useState(false);
  const [area, setArea] = useState<Bounds | null>(null);
  const [focus, setFocus] = useState<Focus>();
  const [opened, setOpened] = useState<Read | null>(null);
  const reads = useReads(search, authority.id);
  const cameras = useMapCameras();
  const path = search.asked && search.match === "exact" ? search.plate : null;
  const journey = useJourney({ plate: path, authority: authority.id, from: search.from, to: search.to });

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
    <div className="search-body">
      <div className="search-head">
        <SearchForm key={JSON.stringify(search)} search={search} scope={authority.scope} drawing={drawing} onDrawing={setDrawing} onSearch={ask} />
      </div>
      <div className="search-parts">
        <Results reads={reads} asked={search.asked} siteName={siteName} onOpen={setOpened} onMark={look} />
        {/* Letting go of the button is what ends the drawing. */}
        <div className="search-map" onPointerUp={() => {
          if (drawing && area) ask({ ...search, area, asked: true });
        }}>
          <CityMap cameras={cameras} journey={journey.data ?? (search.plate ? shown : undefined)} focus={focus}
            area={drawing ? area : (search.area ?? boundsOf(authority.scope))} drawing={drawing} onArea={draw} />
        </div>
      </div>
      {opened && <ReadDialog read={opened} siteName={siteName} onClose={() => setOpened(null)} />}
    </div>
  );
}
