import { useQuery } from "@tanstack/react-query";
import type { MapCamera, Standing } from "../city/model";
import { useCameras } from "../city/places";
import { ask } from "../kernel/http";
import type { Camera, CameraHealth, CameraState, Clip, Page, WorkerHealth } from "../kernel/wire";
import { useAllowed } from "../trust/session";

export const HEALTH = ["video", "cameras"] as const;
export const WORKERS = ["video", "workers"] as const;
export const CLIPS = ["video", "clips"] as const;

const STANDING: Record<CameraState, Standing> = {
  up: "up", starting: "warn", stalled: "warn", down: "down", stopped: "off", unknown: "unknown",
};

export const standingOf = (state: CameraState | undefined): Standing => STANDING[state ?? "unknown"];

/** The stream brings changes; asking again now and then mends what it may have missed. */
const SAFETY_MS = 60_000;

export function useHealth() {
  return useQuery({
    queryKey: HEALTH,
    queryFn: ({ signal }) => ask<Page<CameraHealth>>("/api/video/cameras", { signal }),
    enabled: useAllowed("video.health"),
    refetchInterval: SAFETY_MS,
  });
}

export function useWorkers() {
  return useQuery({
    queryKey: WORKERS,
    queryFn: ({ signal }) => ask<Page<WorkerHealth>>("/api/video/workers", { signal }),
    enabled: useAllowed("video.health"),
    refetchInterval: 15_000,
  });
}

export function useClip(id: string | null) {
  return useQuery({
    queryKey: [...CLIPS, id],
    queryFn: ({ signal }) => ask<Clip>(`/api/video/clips/${id ?? ""}`, { signal }),
    enabled: useAllowed("video.watch") && id !== null,
    refetchInterval: (query) => (query.state.data?.state === "wanted" ? 3000 : false),
  });
}

export interface CameraRow {
  camera: Camera;
  health: CameraHealth | undefined;
  standing: Standing;
}

/** Every camera with what its worker last said of it. */
export function useCameraRows(): { rows: CameraRow[]; loading: boolean; error: unknown } {
  const cameras = useCameras();
  const health = useHealth();
  const byCode = new Map(health.data?.items.map((item) => [item.camera, item]));
  const rows = (cameras.data ?? []).map((camera) => {
    const own = byCode.get(camera.code);
    return { camera, health: own, standing: standingOf(own?.state) };
  });
  return { rows, loading: cameras.isPending, error: cameras.error ?? health.error };
}

export function useMapCameras(): MapCamera[] {
  return useCameraRows().rows.map(({ camera, standing }) => ({
    code: camera.code, name: camera.name, site: camera.site, lon: camera.lon, lat: camera.lat,
    bearing_deg: camera.bearing_deg, standing,
  }));
}
