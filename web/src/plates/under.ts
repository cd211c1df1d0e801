import { createContext, useContext } from "react";
import { useChosen } from "../trust/authority/chosen";
import { coversPlate } from "../trust/authority/covers";
import { useMyActive } from "../trust/authority/authorities";
import { useAllowed } from "../trust/session";
import type { Authority } from "../trust/wire";

/** Under which authority the reads below are looked at; null where they are those of an alarm or just passing. */
export const Under = createContext<string | null>(null);
export const useUnder = (): string | null => useContext(Under);

/** The authority that this tab works under, while it is active, and those it could choose. */
export function useWorking(): { authority: Authority | null; choices: Authority[]; ready: boolean; lost: boolean } {
  const chosen = useChosen();
  const { rows, ready } = useMyActive("search");
  const authority = rows.find((each) => each.id === chosen) ?? null;
  return { authority, choices: rows, ready, lost: ready && chosen !== null && authority === null };
}

/** The authority for further sightings of a plate that an alarm shows; null where none of the tab's covers it. */
export function useCovering(plate: string | null): string | null {
  const { authority } = useWorking();
  const searches = useAllowed("plates.search");
  return searches && authority && plate && coversPlate(authority.scope, plate) ? authority.id : null;
}
