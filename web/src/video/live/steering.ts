import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask, ProblemError } from "../../kernel/http";
import { live } from "../../kernel/live";
import type { Lease, SteerAct, Steering } from "./wire";

const address = (camera: string): string => `/api/video/cameras/${encodeURIComponent(camera)}/ptz`;
const keyOf = (camera: string) => ["video", "ptz", camera] as const;

/** Whether a camera can be turned, to where, and by whom it is turned now. */
export function useSteering(camera: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keyOf(camera),
    queryFn: ({ signal }) => ask<Steering>(address(camera), { signal }),
    staleTime: 30_000,
  });
  useEffect(() => live.on("camera.steered", (steered) => {
    if (steered.camera === camera) void client.invalidateQueries({ queryKey: keyOf(camera) });
  }), [camera, client]);
  return query;
}

export function useSteer(camera: string) {
  const client = useQueryClient();
  return useMutation({
    scope: { id: `ptz ${camera}` }, // one after another: a late "stop" would undo what was asked after it
    mutationFn: (act: SteerAct) => ask<Lease>(address(camera), { method: "POST", json: act }),
    onSuccess: (lease) => {
      client.setQueryData<Steering>(keyOf(camera), (known) => known && { ...known, lease });
    },
    onError: (error) => {
      if (error instanceof ProblemError && error.status === 409) void client.invalidateQueries({ queryKey: keyOf(camera) });
    },
  });
}

/** Saves the picture of this moment as a file. */
export function useSnapshot(camera: string) {
  return useMutation({
    mutationFn: async () => {
      const response = await fetch("/api/video/snapshots", {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ camera }),
      });
      if (!response.ok) {
        const problem = (await response.json().catch(() => ({}))) as { detail?: string };
        throw new Error(problem.detail ?? response.statusText);
      }
      const url = URL.createObjectURL(await response.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = `${camera}_${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}Z.jpg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
  });
}
