import {
  type ClaimsRequest,
  claimsAnswer,
  type ExplainRequest,
  explanation,
  permissionClient,
  permissionUser,
} from '@rolecall/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useApi } from '../api/api-context.ts'
import { useCan } from '../auth/session.ts'
import type { ExportRow } from '../export/lines.ts'
import { readPage, readUpTo } from './lists.ts'

const key = 'explain'

/** Which of the questions about access the server answers to this person. */
export function useMayAsk(): { may: boolean; who: boolean; claims: boolean } {
  const can = useCan()
  const who = can('read:users', 'read:roles', 'read:resource_servers')
  const claims = who && can('read:clients', 'read:client_grants')
  return { may: claims && can('read:logs'), who, claims }
}

/** Why a user or an application has a permission or not. */
export function useExplanation(request: ExplainRequest) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'why', request],
    queryFn: () => api.change('authorization/explain', explanation, { method: 'POST', body: request }),
    // Its facts are changed on many pages.
    staleTime: 0,
  })
}

interface Permission {
  api: string
  permission: string
}

export function usePermissionUsers(of: Permission, page: number) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'users', of, page],
    queryFn: () => readPage(api, 'authorization/users', 'users', permissionUser, { ...of, page }),
    staleTime: 0,
    placeholderData: keepPreviousData,
  })
}

export const holderExportColumns = ['user_id', 'email', 'name', 'blocked', 'roles', 'direct']

/** Reads all users who have a permission, with the names of the roles that give it. */
export function useReadHolders() {
  const api = useApi()
  return async (of: Permission): Promise<ExportRow[]> => {
    const users = await readUpTo(
      Number.POSITIVE_INFINITY,
      api,
      'authorization/users',
      'users',
      permissionUser,
      {
        ...of,
      },
    )
    return users.items.map(({ user_id, email, name, blocked, roles, direct }) => ({
      user_id,
      email,
      name,
      blocked,
      roles: roles.map((role) => role.name).join(', '),
      direct,
    }))
  }
}

export function usePermissionClients(of: Permission, page: number) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'clients', of, page],
    queryFn: () => readPage(api, 'authorization/clients', 'clients', permissionClient, { ...of, page }),
    staleTime: 0,
    placeholderData: keepPreviousData,
  })
}

/** What a token would say that is issued now. Absent: not asked. */
export function useClaims(request: ClaimsRequest | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'claims', request],
    queryFn: () => api.change('authorization/claims', claimsAnswer, { method: 'POST', body: request }),
    enabled: request !== undefined,
    staleTime: 0,
  })
}

/** Lets the server verify the signature of a token that only it can verify. The token is in the body of the request only. */
export function useSignatureByServer(request: ExplainRequest | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'signature', request],
    queryFn: async () => {
      const answer = await api.change('authorization/explain', explanation, { method: 'POST', body: request })
      return answer.token?.signature ?? null
    },
    enabled: request !== undefined,
    retry: false,
    gcTime: 0,
    staleTime: 0,
  })
}
