import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, ProblemError } from "../kernel/http";
import type { Session } from "../kernel/wire";

export const SESSION = ["trust", "session"] as const;

/** Null when nobody is signed in. */
async function currentSession(): Promise<Session | null> {
  try {
    return await ask<Session>("/api/trust/sessions/current");
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) return null;
    throw error;
  }
}

export function useSession() {
  return useQuery({ queryKey: SESSION, queryFn: currentSession, staleTime: 60_000, refetchOnWindowFocus: true });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { username: string; password: string }) =>
      ask<Session>("/api/trust/sessions", { method: "POST", json: given }),
    onSuccess: async (session) => {
      client.setQueryData(SESSION, session);
      await client.invalidateQueries({ predicate: (each) => each.queryKey[0] !== "trust" });
    },
  });
}

/** Leaves nothing of the last person's work in memory. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => ask<undefined>("/api/trust/sessions/current", { method: "DELETE" }),
    onSettled: () => {
      window.location.assign("/");
    },
  });
}

export function useNewPassword() {
  return useMutation({
    mutationFn: (given: { current: string; new: string }) =>
      ask<undefined>("/api/trust/password", { method: "POST", json: given }),
  });
}
