import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CityMap } from "../city/CityMap";
import type { Focus, MapAlarm } from "../city/model";
import { useSiteNames } from "../city/places";
import { useKeys } from "../kernel/keys";
import { usePreferences } from "../kernel/preferences";
import type { Alarm } from "../kernel/wire";
import { LatestReads } from "../plates/LatestReads";
import { useJourney } from "../plates/reads";
import { useCovering } from "../plates/under";
import { useOpenLive } from "../video/live/LiveLink";
import { useMapCameras } from "../video/health";
import { isOpen, useAcknowledge, useAlarm, useOpenAlarms } from "./alarms";
import "./alarms.css";
import { Detail } from "./Detail";
import { Queue, type QueueTab } from "./Queue";
import { arrange, neighbour } from "./queue";

const route = getRouteApi("/watch");
const NEAR_ZOOM = 14.2;
const NO_ALARMS: Alarm[] = [];

/** The queue, held still while somebody's pointer or focus is in it. */
function useHeldQueue(openId: string | null) {
  const alarms = useOpenAlarms();
  const [hold, setHold] = useState({ pointer: false, focus: false });
  const [settled, setSettled] = useState<string[]>([]);
  const items = alarms.data?.items ?? NO_ALARMS;
  const held = hold.pointer || hold.focus;
  const view = useMemo(() => arrange(items, settled, openId, held), [items, settled, openId, held]);
  const onHold = (part: "pointer" | "focus", on: boolean) => {
    if (on && !held) setSettled(view.rows.map((alarm) => alarm.id));
    setHold((before) => (before[part] === on ? before : { ...before, [part]: on }));
  };
  const release = () => setSettled(arrange(items, [], openId, false).rows.map((alarm) => alarm.id));
  return { alarms, view, onHold, release };
}

function mapAlarms(alarms: Alarm[], openId: string | null): MapAlarm[] {
  return alarms.flatMap(({ id, state, severity, read }) => {
    if (read?.lon == null || read.lat === null || !(isOpen(state) || id === openId)) return [];
    const label = `${read.plate}, ${read.camera_name ?? read.camera}`;
    return { id, lon: read.lon, lat: read.lat, severity, label, chosen: id === openId, fresh: state === "raised" };
  });
}

export function WatchPage(): React.JSX.Element {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const siteName = useSiteNames(language);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const openId = search.alarm ?? null;
  const [tab, setTab] = useState<QueueTab>("open");
  const [cursor, setCursor] = useState<string | null>(null);
  const [focus, setFocus] = useState<Focus>();
  const [part, setPart] = useState<"queue" | "map">("queue");
  const { alarms, view, onHold, release } = useHeldQueue(openId);
  const cameras = useMapCameras();
  const acknowledge = useAcknowledge();

  const open = (id: string | null) => {
    if (id) setCursor(id);
    void navigate({ search: id ? { alarm: id } : {} });
  };
  const locate = (alarm: Alarm) => {
    const { lon, lat } = alarm.read ?? { lon: null, lat: null };
    if (lon === null || lat === null) return;
    setPart("map");
    setFocus({ lon, lat, zoom: NEAR_ZOOM, turn: Date.now() });
  };
  const move = (by: number) => setCursor(neighbour(view.rows, cursor ?? openId, by));
  const marked = view.rows.find((alarm) => alarm.id === cursor);
  useKeys({
    j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), n: release,
    Enter: () => {
      if (cursor) open(cursor);
    },
    a: () => {
      if (marked?.state === "raised") acknowledge.mutate(marked.id);
    },
    p: () => document.querySelector<HTMLElement>("[data-key=picture]")?.click(),
    m: () => {
      const chosen = alarms.data?.items.find((alarm) => alarm.id === (openId ?? cursor));
      if (chosen) locate(chosen);
    },
    Escape: () => open(null),
  });
  const camera = cameras.find((each) => each.code === search.camera);
  const cameraFocus = useMemo(
    () => camera && { lon: camera.lon, lat: camera.lat, zoom: NEAR_ZOOM + 1, turn: 0 },
    // The place of a camera does not change while it is looked at.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [camera?.code],
  );
  return (
    <main className={`watch ${openId ? "has-detail" : `shows-${part}`}`}>
      <div className="watch-parts segments" role="group" aria-label={t("nav.watch")}>
        <button type="button" aria-pressed={part === "queue"} onClick={() => setPart("queue")}>{t("alarms.tab_queue")}</button>
        <button type="button" aria-pressed={part === "map"} onClick={() => setPart("map")}>{t("alarms.tab_map")}</button>
      </div>
      <Queue tab={tab} onTab={setTab} view={view} loading={alarms.isPending} error={alarms.error} openId={openId} cursor={cursor}
        siteName={siteName} onOpen={open} onHold={onHold} onShowWaiting={release} />
      <WatchMap openId={openId} alarms={alarms.data?.items ?? NO_ALARMS} focus={cameraFocus ?? focus} cameras={cameras} onAlarm={open} />
      {openId
        ? <Detail id={openId} siteName={siteName} onClose={() => open(null)} onLocate={locate} />
        : <LatestReads siteName={siteName} hint={alarms.data?.items.some((alarm) => alarm.state === "raised") ?? false} />}
    </main>
  );
}

interface WatchMapProps {
  openId: string | null;
  alarms: Alarm[];
  focus: Focus | undefined;
  cameras: ReturnType<typeof useMapCameras>;
  onAlarm: (id: string) => void;
}

/** One map for the whole shift: it is never built anew when an alarm opens or closes. */
function WatchMap({ openId, alarms, focus, cameras, onAlarm }: WatchMapProps): React.JSX.Element {
  const openLive = useOpenLive();
  const alarm = useAlarm(openId).data;
  const journey = useJourney({ plate: alarm?.read?.plate ?? null, authority: useCovering(alarm?.read?.plate ?? null) });
  const marks = useMemo(() => mapAlarms(alarms, openId), [alarms, openId]);
  return <CityMap cameras={cameras} alarms={marks} focus={focus} journey={alarm ? journey.data : undefined} onAlarm={onAlarm} {...(openLive ? { onCamera: openLive } : {})} />;
}
