import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { WatchPage } from "../alarms/WatchPage";
import { HotlistPage } from "../plates/HotlistPage";
import { SearchPage } from "../plates/SearchPage";
import { readSearchParams, type SearchParams } from "../plates/searching";
import { CamerasPage } from "../video/CamerasPage";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    // The router's own way to turn to another page.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ to: "/watch", search: {} });
  },
});

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
  component: WatchPage,
});
const search = createRoute({
  getParentRoute: () => root, path: "/search", component: SearchPage,
  validateSearch: (given: Record<string, unknown>): SearchParams => readSearchParams(given),
});
const hotlist = createRoute({ getParentRoute: () => root, path: "/hotlist", component: HotlistPage });
const cameras = createRoute({ getParentRoute: () => root, path: "/cameras", component: CamerasPage });

export const router = createRouter({
  routeTree: root.addChildren([home, watch, search, hotlist, cameras]),
  defaultNotFoundComponent: () => null,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
