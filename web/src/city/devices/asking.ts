import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask } from "../../kernel/http";
import { live } from "../../kernel/live";
import { useAllowed } from "../../trust/session";
import type { Device, DeviceDraft, SiteStatus } from "./wire";

const DEVICES = ["city", "devices"] as const;
const STATUS = ["city", "site-status"] as const;
/** A forecast moves with every reading; changes of state come by the stream. */
const AGAIN_MS = 20_000;

export function useDevices() {
  return useQuery({
    queryKey: DEVICES,
    queryFn: ({ signal }) => ask<{ items: Device[] }>("/api/city/devices", { signal }),
    enabled: useAllowed("video.health"),
    refetchInterval: AGAIN_MS,
  });
}

export function useSiteStatus(site: string | null) {
  return useQuery({
    queryKey: [...STATUS, site],
    queryFn: ({ signal }) => ask<SiteStatus>(`/api/city/sites/${encodeURIComponent(site ?? "")}/status`, { signal }),
    enabled: useAllowed("video.health") && site !== null,
    refetchInterval: AGAIN_MS,
  });
}

/** Ask anew when the stream tells of a device. */
export function useDeviceNews(): void {
  const client = useQueryClient();
  useEffect(() => {
    const anew = () => {
      void client.invalidateQueries({ queryKey: DEVICES });
      void client.invalidateQueries({ queryKey: STATUS });
    };
    const ends = [live.on("device.changed", anew), live.on("site_power.changed", anew), live.onResumed(anew)];
    return () => ends.forEach((end) => end());
  }, [client]);
}

export function useSaveDevice(existing: string | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (device: Partial<DeviceDraft>) =>
      existing === null
        ? ask<Device>("/api/city/devices", { method: "POST", json: device })
        : ask<Device>(`/api/city/devices/${encodeURIComponent(existing)}`, { method: "PATCH", json: device }),
    onSuccess: () => Promise.all([DEVICES, STATUS].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export function useRemoveDevice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => ask<null>(`/api/city/devices/${encodeURIComponent(code)}`, { method: "DELETE" }),
    onSuccess: () => Promise.all([DEVICES, STATUS].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
