import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../kernel/http";
import type { Page, Session } from "../../kernel/wire";
import { placeSession, SESSION } from "../session";
import type { Passkey, SignedIn, TotpStart } from "../wire";

const PASSKEYS = ["trust", "passkeys"] as const;
const SESSIONS = ["trust", "sessions"] as const;

interface Ticket<T> {
  ticket: string;
  options: T;
}

export const canPasskeys = (): boolean =>
  typeof PublicKeyCredential === "function" && "parseCreationOptionsFromJSON" in PublicKeyCredential;

function asPublicKey(credential: Credential | null): PublicKeyCredential {
  if (credential instanceof PublicKeyCredential) return credential;
  throw new Error("the browser gave no passkey");
}

/** The person thought better of it, or let the time run out. */
export const wasCancelled = (error: unknown): boolean => error instanceof DOMException && ["NotAllowedError", "AbortError"].includes(error.name);

export function usePasskeySignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const { ticket, options } = await ask<Ticket<PublicKeyCredentialRequestOptionsJSON>>("/api/trust/passkeys/sign-in/options", { method: "POST" });
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      const credential = asPublicKey(await navigator.credentials.get({ publicKey }));
      return ask<Session>("/api/trust/passkeys/sign-in", { method: "POST", json: { ticket, credential: credential.toJSON() as unknown } });
    },
    onSuccess: (session) => placeSession(client, session),
  });
}

export function useAddPasskey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => {
      const { ticket, options } = await ask<Ticket<PublicKeyCredentialCreationOptionsJSON>>("/api/trust/passkeys/registration/options", { method: "POST" });
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      const credential = asPublicKey(await navigator.credentials.create({ publicKey }));
      return ask<unknown>("/api/trust/passkeys/registration", { method: "POST", json: { ticket, name, credential: credential.toJSON() as unknown } });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: PASSKEYS });
      await client.invalidateQueries({ queryKey: SESSION });
    },
  });
}

export function usePasskeys() {
  return useQuery({ queryKey: PASSKEYS, queryFn: ({ signal }) => ask<Page<Passkey>>("/api/trust/passkeys", { signal }) });
}

export function useRemovePasskey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask<undefined>(`/api/trust/passkeys/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: PASSKEYS });
      await client.invalidateQueries({ queryKey: SESSION });
    },
  });
}

export function useTotpStart() {
  return useMutation({ mutationFn: () => ask<TotpStart>("/api/trust/totp", { method: "POST" }) });
}

/** The session is asked for anew only after the person has kept the codes. */
export function useTotpConfirm() {
  return useMutation({
    mutationFn: (code: string) => ask<{ recovery_codes: string[] }>("/api/trust/totp/confirm", { method: "POST", json: { code } }),
  });
}

export function useTotpRemove() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => ask<undefined>("/api/trust/totp", { method: "DELETE", json: { password } }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSION }),
  });
}

export function useSessions() {
  return useQuery({ queryKey: SESSIONS, queryFn: ({ signal }) => ask<Page<SignedIn>>("/api/trust/sessions", { signal }), refetchInterval: 30_000 });
}

/** One of my sessions, or all others with null. */
export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string | null) => ask<unknown>(`/api/trust/sessions${id === null ? "" : `/${encodeURIComponent(id)}`}`, { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSIONS }),
  });
}

export function useOidc() {
  return useQuery({
    queryKey: ["trust", "oidc"],
    queryFn: ({ signal }) => ask<{ enabled: boolean; name: string }>("/api/trust/oidc", { signal }),
    staleTime: Infinity, retry: false,
  });
}
