import { createRootRoute, createRoute, createRouter, Navigate } from "@tanstack/react-router";
import { WatchPage } from "../alarms/WatchPage";
import { SitesPage } from "../city/devices/SitesPage";
import { MapPage } from "../city/MapPage";
import { AuthoritiesPage } from "../plates/authority/AuthoritiesPage";
import { RequestPage } from "../plates/authority/RequestPage";
import { IncidentsPage, type IncidentsSearch } from "../incidents/IncidentsPage";
import { HotlistPage } from "../plates/HotlistPage";
import { SearchPage } from "../plates/SearchPage";
import { readSearchParams, type SearchParams } from "../plates/searching";
import { AccountPage } from "../trust/AccountPage";
import { AuditPage } from "../trust/audit/AuditPage";
import { LISTS, type List } from "../trust/authority/authorities";
import { ReportPage } from "../trust/public/ReportPage";
import { RequestsPage } from "../trust/public/RequestsPage";
import { RetentionPage } from "../trust/retention/RetentionPage";
import { useMay } from "../trust/session";
import { CamerasPage } from "../video/CamerasPage";
import { HealthPage, type HealthSearch } from "../video/health/HealthPage";
import { PlaybackPage, type PlaybackSearch } from "../video/playback/PlaybackPage";
import { WallPage } from "../video/live/WallPage";
import { Missing, Only } from "./Only";
import { Accounts, Findings } from "./places";
import { landing, PAGES, type PageEntry } from "./pages";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell });

function Home(): React.JSX.Element {
  return <Navigate to={landing(useMay())} search={{}} replace />;
}

/** The page behind its permission. */
function behind(name: PageEntry["name"], Page: () => React.ReactNode): () => React.ReactNode {
  const needs = PAGES.find((page) => page.name === name)?.needs ?? [];
  return () => <Only needs={needs}><Page /></Only>;
}

const home = createRoute({ getParentRoute: () => root, path: "/", component: Home });

interface WatchSearch {
  alarm?: string;
  camera?: string;
}

const watch = createRoute({
  getParentRoute: () => root,
  path: "/watch",
  validateSearch: (given: Record<string, unknown>): WatchSearch => ({
    ...(typeof given["alarm"] === "string" ? { alarm: given["alarm"] } : {}),
    ...(typeof given["camera"] === "string" ? { camera: given["camera"] } : {}),
  }),
  component: behind("watch", WatchPage),
});
const search = createRoute({
  getParentRoute: () => root, path: "/search", component: behind("search", SearchPage),
  validateSearch: (given: Record<string, unknown>): SearchParams => readSearchParams(given),
});
const playback = createRoute({
  getParentRoute: () => root, path: "/playback", component: behind("playback", PlaybackPage),
  validateSearch: ({ cameras, at }: Record<string, unknown>): PlaybackSearch => ({
    ...(text(cameras) ? { cameras: text(cameras) ?? "" } : {}), ...(text(at) ? { at: text(at) ?? "" } : {}),
  }),
});
const map = createRoute({ getParentRoute: () => root, path: "/map", component: behind("map", MapPage) });
const incidents = createRoute({
  getParentRoute: () => root, path: "/incidents", component: behind("incidents", IncidentsPage),
  validateSearch: ({ id }: Record<string, unknown>): IncidentsSearch => (text(id) ? { id: text(id) ?? "" } : {}),
});
const hotlist = createRoute({ getParentRoute: () => root, path: "/hotlist", component: behind("hotlist", HotlistPage) });
const cameras = createRoute({ getParentRoute: () => root, path: "/cameras", component: behind("cameras", CamerasPage) });
const sites = createRoute({ getParentRoute: () => root, path: "/sites", component: behind("sites", SitesPage) });
const health = createRoute({
  getParentRoute: () => root, path: "/health", component: behind("health", HealthPage),
  validateSearch: ({ camera }: Record<string, unknown>): HealthSearch => (text(camera) ? { camera: text(camera) ?? "" } : {}),
});
const accounts = createRoute({ getParentRoute: () => root, path: "/accounts", component: behind("accounts", Accounts) });
interface WallSearch {
  /** Enlarged. */
  camera?: string;
  /** Codes with commas between, to begin with. */
  cameras?: string;
  incident?: string;
  live?: string;
}

const wall = createRoute({
  getParentRoute: () => root, path: "/wall", component: behind("wall", WallPage),
  validateSearch: ({ camera, cameras: several, incident, live }: Record<string, unknown>): WallSearch => ({
    ...(text(camera) ? { camera: text(camera) ?? "" } : {}), ...(text(several) ? { cameras: text(several) ?? "" } : {}),
    ...(text(incident) ? { incident: text(incident) ?? "" } : {}), ...(text(live) ? { live: text(live) ?? "" } : {}),
  }),
});
interface AuthoritiesSearch {
  state?: List;
  mine?: boolean;
  id?: string;
}

const isList = (value: unknown): value is List => (LISTS as readonly unknown[]).includes(value);
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined);

const authorities = createRoute({
  getParentRoute: () => root, path: "/authorities", component: behind("authorities", AuthoritiesPage),
  validateSearch: ({ state, mine, id }: Record<string, unknown>): AuthoritiesSearch => ({
    ...(isList(state) ? { state } : {}), ...(typeof mine === "boolean" ? { mine } : {}), ...(typeof id === "string" ? { id } : {}),
  }),
});
const asking = createRoute({
  getParentRoute: () => root, path: "/authorities/request",
  component: () => <Only needs={["trust.request_authority"]}><RequestPage /></Only>,
  validateSearch: ({ replaces, plate }: Record<string, unknown>): { replaces?: string; plate?: string } => ({
    ...(text(replaces) ? { replaces: text(replaces) ?? "" } : {}), ...(text(plate) ? { plate: text(plate) ?? "" } : {}),
  }),
});
const audit = createRoute({ getParentRoute: () => root, path: "/audit", component: behind("audit", AuditPage) });
const findings = createRoute({ getParentRoute: () => root, path: "/findings", component: behind("findings", Findings) });
const requests = createRoute({ getParentRoute: () => root, path: "/requests", component: behind("requests", RequestsPage) });
const retention = createRoute({ getParentRoute: () => root, path: "/retention", component: behind("retention", RetentionPage) });
const report = createRoute({ getParentRoute: () => root, path: "/report", component: behind("report", ReportPage) });
const account = createRoute({ getParentRoute: () => root, path: "/account", component: AccountPage });

export const router = createRouter({
  routeTree: root.addChildren([
    home, watch, incidents, playback, wall, map, search, hotlist, authorities, asking, cameras, sites, health, accounts, audit, findings, requests, retention, report, account,
  ]),
  defaultNotFoundComponent: Missing,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
