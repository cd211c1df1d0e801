import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { ask, ProblemError } from "../kernel/http";
import type { Session } from "../kernel/wire";

export const SESSION = ["trust", "session"] as const;

/** Of the session that was open last: a page stays as it was under the sign-in that an end of session lays over it. */
let lastHeld: readonly string[] = [];

function remembered(session: Session): Session {
  if (session.owes === null) lastHeld = session.account.permissions;
  return session;
}

/** Null when nobody is signed in. */
async function currentSession(): Promise<Session | null> {
  try {
    return remembered(await ask<Session>("/api/trust/sessions/current"));
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) return null;
    throw error;
  }
}

export function useSession() {
  return useQuery({ queryKey: SESSION, queryFn: currentSession, staleTime: 60_000, refetchOnWindowFocus: true });
}

/** Whether who is signed in may do it. The window asks the centre for nothing that it may not have. */
export function useMay(): (permission: string) => boolean {
  const session = useSession().data;
  const held = new Set(session?.owes === null ? session.account.permissions : lastHeld);
  return (permission) => held.has(permission);
}

export const useAllowed = (permission: string): boolean => useMay()(permission);

/** A session began or went on: what the pages show may be another thing now. */
export async function placeSession(client: QueryClient, session: Session): Promise<void> {
  client.setQueryData(SESSION, remembered(session));
  if (session.owes === null) await client.invalidateQueries({ predicate: (each) => each.queryKey[1] !== SESSION[1] });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { username: string; password: string }) =>
      ask<Session>("/api/trust/sessions", { method: "POST", json: given }),
    onSuccess: (session) => placeSession(client, session),
  });
}

export function useSecondFactor() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => ask<Session>("/api/trust/sessions/second-factor", { method: "POST", json: { code } }),
    onSuccess: (session) => placeSession(client, session),
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
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { current: string; new: string }) =>
      ask<undefined>("/api/trust/password", { method: "POST", json: given }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSION }),
  });
}
