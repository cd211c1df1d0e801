import type { IconName } from "../kernel/icons";

export interface PageEntry {
  to:
    | "/watch" | "/incidents" | "/wall" | "/playback" | "/map" | "/search" | "/hotlist" | "/authorities" | "/cameras" | "/sites" | "/health" | "/accounts" | "/audit" | "/findings"
    | "/requests" | "/retention" | "/report";
  name:
    | "watch" | "incidents" | "wall" | "playback" | "map" | "search" | "hotlist" | "authorities" | "cameras" | "sites" | "health" | "accounts" | "audit" | "findings" | "requests"
    | "retention" | "report";
  icon: IconName;
  /** After "g". */
  key: string;
  /** Any one of these opens it. */
  needs: readonly string[];
}

/** In the order in which a person lands: the first that the person may see. */
export const PAGES: readonly PageEntry[] = [
  { to: "/watch", name: "watch", icon: "eye", key: "m", needs: ["alarms.view"] },
  { to: "/incidents", name: "incidents", icon: "pin", key: "i", needs: ["incidents.view"] },
  { to: "/wall", name: "wall", icon: "wall", key: "w", needs: ["video.live"] },
  { to: "/playback", name: "playback", icon: "play", key: "b", needs: ["video.playback"] },
  { to: "/search", name: "search", icon: "search", key: "s", needs: ["plates.search"] },
  { to: "/audit", name: "audit", icon: "log", key: "l", needs: ["trust.read_audit"] },
  { to: "/accounts", name: "accounts", icon: "people", key: "u", needs: ["trust.manage_accounts", "trust.view_accounts"] },
  { to: "/authorities", name: "authorities", icon: "shield", key: "a", needs: ["trust.view_authorities"] },
  { to: "/findings", name: "findings", icon: "flag", key: "f", needs: ["trust.review_misuse"] },
  { to: "/requests", name: "requests", icon: "letter", key: "q", needs: ["trust.handle_requests", "trust.decide_appeals"] },
  { to: "/hotlist", name: "hotlist", icon: "list", key: "h", needs: ["plates.entries"] },
  { to: "/cameras", name: "cameras", icon: "camera", key: "c", needs: ["video.health"] },
  { to: "/sites", name: "sites", icon: "power", key: "e", needs: ["video.health"] },
  { to: "/health", name: "health", icon: "pulse", key: "v", needs: ["video.health"] },
  { to: "/retention", name: "retention", icon: "bin", key: "r", needs: ["trust.view_retention"] },
  { to: "/report", name: "report", icon: "chart", key: "t", needs: ["trust.view_report"] },
  { to: "/map", name: "map", icon: "map", key: "p", needs: ["city.view"] },
];

/** The pages of a person. The bare map is for those whose other pages have none. */
export function pagesFor(may: (permission: string) => boolean): PageEntry[] {
  return PAGES.filter(({ name, needs }) => needs.some(may) && (name !== "map" || !may("alarms.view")));
}

/** Where a person begins: approving officers at what waits for them. */
export function landing(may: (permission: string) => boolean): PageEntry["to"] | "/account" {
  return pagesFor(may)[0]?.to ?? "/account";
}
