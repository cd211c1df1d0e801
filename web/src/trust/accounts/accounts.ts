import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask } from "../../kernel/http";
import { usePages } from "../../kernel/paging";
import type { Grant, Page } from "../../kernel/wire";
import type { AccountView, RoleView, SignedIn, SiteGroup } from "../wire";

const ACCOUNTS = ["trust", "accounts"] as const;
const GROUPS = ["trust", "groups"] as const;

export const useAccounts = () => usePages<AccountView>({ key: ACCOUNTS, path: "/api/trust/accounts", limit: 200 });

export function useGroups(enabled = true) {
  return useQuery({ queryKey: GROUPS, enabled, queryFn: ({ signal }) => ask<Page<SiteGroup>>("/api/trust/groups", { signal }) });
}

export function useRoles() {
  return useQuery({ queryKey: ["trust", "roles"], staleTime: Infinity, queryFn: ({ signal }) => ask<Page<RoleView>>("/api/trust/roles", { signal }) });
}

export interface NewAccount {
  username: string;
  display_name: string;
  grants: Grant[];
}

export interface Created {
  account: AccountView;
  /** Works once; the centre keeps only its hash. */
  password: string;
}

function useStep<T, R>(step: (given: T) => Promise<R>, key: readonly unknown[]) {
  const client = useQueryClient();
  return useMutation({ mutationFn: step, onSuccess: () => client.invalidateQueries({ queryKey: key }) });
}

export const useCreateAccount = () =>
  useStep((json: NewAccount) => ask<Created>("/api/trust/accounts", { method: "POST", json }), ACCOUNTS);

export interface AccountChange {
  id: string;
  change: { display_name?: string; grants?: Grant[]; disabled?: boolean };
}

export const useChangeAccount = () =>
  useStep(({ id, change }: AccountChange) => ask<AccountView>(`/api/trust/accounts/${id}`, { method: "PATCH", json: change }), ACCOUNTS);

export const useResetAccount = () =>
  useStep((id: string) => ask<{ password: string }>(`/api/trust/accounts/${id}/reset`, { method: "POST" }), ACCOUNTS);

const sessionsOf = (id: string) => [...ACCOUNTS, id, "sessions"] as const;

export function useAccountSessions(id: string) {
  return useQuery({ queryKey: sessionsOf(id), queryFn: ({ signal }) => ask<Page<SignedIn>>(`/api/trust/accounts/${id}/sessions`, { signal }) });
}

export const useEndAccountSessions = (id: string) =>
  useStep(() => ask<undefined>(`/api/trust/accounts/${id}/sessions`, { method: "DELETE" }), sessionsOf(id));

export const useSaveGroup = (existing: string | null) =>
  useStep(({ code, ...rest }: SiteGroup) => existing === null
    ? ask<SiteGroup>("/api/trust/groups", { method: "POST", json: { code, ...rest } })
    : ask<SiteGroup>(`/api/trust/groups/${encodeURIComponent(existing)}`, { method: "PATCH", json: rest }), GROUPS);

export const useRemoveGroup = () =>
  useStep((code: string) => ask<undefined>(`/api/trust/groups/${encodeURIComponent(code)}`, { method: "DELETE" }), GROUPS);
