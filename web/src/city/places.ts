import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../kernel/http";
import type { Basemap, Camera, CameraDraft, ImportReport, Page, Sites } from "../kernel/wire";

export const CAMERAS = ["city", "cameras"] as const;
const SITES = ["city", "sites"] as const;

export function useBasemap() {
  return useQuery({
    queryKey: ["city", "basemap"],
    queryFn: ({ signal }) => ask<Basemap>("/api/city/basemap", { signal }),
    staleTime: Infinity,
  });
}

export function useSites() {
  return useQuery({
    queryKey: SITES,
    queryFn: ({ signal }) => ask<Sites>("/api/city/sites", { signal }),
    staleTime: 300_000,
  });
}

/** Every page of the cameras: the window needs them all, for the map and for names. */
async function allCameras(signal: AbortSignal): Promise<Camera[]> {
  const cameras: Camera[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
    const page: Page<Camera> = await ask<Page<Camera>>(`/api/city/cameras${from}`, { signal });
    cameras.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return cameras;
}

export function useCameras() {
  return useQuery({ queryKey: CAMERAS, queryFn: ({ signal }) => allCameras(signal), staleTime: 60_000 });
}

/** Site code to its name in the language of the window. */
export function useSiteNames(language: "en" | "ur"): (code: string | null) => string {
  const sites = useSites();
  const names = new Map(
    sites.data?.features.map(({ properties }) => [
      properties.code,
      language === "ur" ? properties.name_ur || properties.name : properties.name,
    ]),
  );
  return (code) => (code === null ? "–" : (names.get(code) ?? code));
}

export function useSaveCamera(existing: string | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (camera: Partial<CameraDraft>) =>
      existing === null
        ? ask<Camera>("/api/city/cameras", { method: "POST", json: camera })
        : ask<Camera>(`/api/city/cameras/${encodeURIComponent(existing)}`, { method: "PATCH", json: camera }),
    onSuccess: () => client.invalidateQueries({ queryKey: CAMERAS }),
  });
}

export function useRemoveCamera() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) =>
      ask<undefined>(`/api/city/cameras/${encodeURIComponent(code)}`, { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: CAMERAS }),
  });
}

export function useImportCameras() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (file: File) =>
      ask<ImportReport>("/api/city/cameras/import", {
        method: "POST",
        text: { type: "text/csv", body: await file.text() },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: CAMERAS }),
  });
}
