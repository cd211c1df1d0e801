import type { IconName } from "../kernel/icons";

interface PageEntry {
  to: "/watch" | "/search" | "/hotlist" | "/cameras";
  name: "watch" | "search" | "hotlist" | "cameras";
  icon: IconName;
  /** After "g". */
  key: string;
}

export const PAGES: PageEntry[] = [
  { to: "/watch", name: "watch", icon: "eye", key: "m" },
  { to: "/search", name: "search", icon: "search", key: "s" },
  { to: "/hotlist", name: "hotlist", icon: "list", key: "h" },
  { to: "/cameras", name: "cameras", icon: "camera", key: "c" },
];
