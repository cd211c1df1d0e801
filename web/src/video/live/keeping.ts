import { useMutation } from "@tanstack/react-query";
import { ask } from "../../kernel/http";
import type { Kept } from "./wire";

/** Keeps what a camera sees from now on, ten minutes long, where it is recorded around events only. */
export function useRecord(camera: string) {
  return useMutation({
    mutationFn: () => ask<Kept>(`/api/video/cameras/${encodeURIComponent(camera)}/record`, { method: "POST", json: {} }),
  });
}
