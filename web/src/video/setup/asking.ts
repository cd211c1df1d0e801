import { useMutation, useQuery } from "@tanstack/react-query";
import { ask, problemOf } from "../../kernel/http";
import type { CameraDescription, FoundDevices, SetupWorkers, StreamEncoder } from "./wire";

/** Where a camera's ONVIF service is, and how to sign in there. */
export interface Place {
  worker: string;
  host: string;
  port: string;
  path: string;
  tls: boolean;
  username: string;
  password: string;
}

export const NOWHERE: Place = {
  worker: "", host: "", port: "80", path: "/onvif/device_service", tls: false, username: "", password: "",
};

/** The place that a found address names. */
export function placeOf(address: string, worker: string, before: Place): Place {
  const url = new URL(address);
  const tls = url.protocol === "https:";
  return {
    ...before, worker, host: url.hostname.replace(/^\[|\]$/g, ""), tls,
    port: url.port || (tls ? "443" : "80"), path: url.pathname,
  };
}

function login({ username, password }: Place): string {
  return username ? `${encoded(username)}:${encoded(password)}@` : "";
}

/** Every character that is not plain, as an address wants it. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A stream's whole address, with the user and the password of its camera. */
export function withLogin(uri: string, place: Place): string {
  return uri.replace("://", `://${login(place)}`);
}

/** The ONVIF service's whole address. */
export function onvifAddress(place: Place): string {
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return `${place.tls ? "https" : "http"}://${login(place)}${host}:${place.port}${place.path}`;
}

export function useSetupWorkers() {
  return useQuery({
    queryKey: ["video", "set-up"],
    queryFn: ({ signal }) => ask<SetupWorkers>("/api/video/set-up", { signal }),
  });
}

export function useDiscovery() {
  return useMutation({
    mutationFn: (search: { worker: string; networks: string[] }) =>
      ask<FoundDevices>("/api/video/discovery", {
        method: "POST", json: { worker: search.worker || null, networks: search.networks },
      }),
  });
}

export function useProbe() {
  return useMutation({
    mutationFn: (asked: Place | { camera: string }) =>
      ask<CameraDescription>("/api/video/probes", {
        method: "POST",
        json: "camera" in asked ? asked : { ...asked, worker: asked.worker || null, port: Number(asked.port) },
      }),
  });
}

export function useSetEncoder(camera: string) {
  return useMutation({
    mutationFn: (change: { token: string; fps: number; gop: number }) =>
      ask<StreamEncoder>(`/api/video/cameras/${encodeURIComponent(camera)}/encoder`, { method: "POST", json: change }),
  });
}

export type PictureOf = { camera: string; stream: "main" | "sub" } | { worker: string; address: string };

/** Takes one picture; its address in the window, to be revoked by whoever shows it. */
export async function takePicture(of: PictureOf): Promise<string> {
  const body = "camera" in of ? of : { worker: of.worker || null, address: of.address };
  const response = await fetch("/api/video/test-pictures", {
    method: "POST", credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "image/jpeg, application/problem+json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await problemOf(response);
  return URL.createObjectURL(await response.blob());
}
