import { type ResourceServer, resourceServer, type resourceServerUpdate } from '@rolecall/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { byName } from '../match.ts'
import { readAll } from './lists.ts'

export type { ResourceServer }
export type Scope = NonNullable<ResourceServer['scopes']>[number]
type Update = z.input<typeof resourceServerUpdate>

const key = 'apis'

const byApiName = byName<ResourceServer>(({ name }) => name)

/** The server's own API comes last. */
const ownFirst = (one: ResourceServer, other: ResourceServer): number =>
  Number(one.is_system ?? false) - Number(other.is_system ?? false) || byApiName(one, other)

export function useApis(enabled = true) {
  const api = useApi()
  return useQuery({
    enabled,
    queryKey: [key],
    queryFn: async () =>
      (await readAll(api, 'resource-servers', 'resource_servers', resourceServer)).toSorted(ownFirst),
  })
}

export function useApiById(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, id],
    queryFn: () => api.getVersioned(`resource-servers/${segment(id ?? '')}`, resourceServer),
    enabled: id !== undefined,
  })
}

export function useCreateApi() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: { name: string; identifier: string } & Partial<typeof withRbac>) =>
      api.change('resource-servers', resourceServer, { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

export function useUpdateApi(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ ifMatch, ...body }: Update & { ifMatch?: string | undefined }) =>
      api.change(`resource-servers/${segment(id)}`, resourceServer, { method: 'PATCH', body, ifMatch }),
    // A permission that is removed is removed from roles and users too. After a refusal, everything is read again.
    onSettled: () => queries.invalidateQueries(),
  })
}

export function useDeleteApi() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(`resource-servers/${segment(id)}`, { method: 'DELETE' }),
    onSuccess: (_, id) => {
      queries.removeQueries({ queryKey: [key, id] })
      return queries.invalidateQueries()
    },
  })
}

/** Whether a user's tokens carry all their permissions: the second of the tutorial's two switches. */
export const addsPermissions = ({
  token_dialect = 'access_token',
}: Pick<ResourceServer, 'token_dialect'>): boolean => token_dialect.endsWith('_authz')

/** Both switches of the tutorial. */
export const withRbac = { enforce_policies: true, token_dialect: 'access_token_authz' } as const

/** Whether its access tokens have the profile of RFC 9068. */
export const isRfc9068 = ({
  token_dialect = 'access_token',
}: Pick<ResourceServer, 'token_dialect'>): boolean => token_dialect.startsWith('rfc9068')

/** The wire has one value for the two settings. */
export function tokenDialect(settings: {
  rfc9068: boolean
  addsPermissions: boolean
}): NonNullable<ResourceServer['token_dialect']> {
  if (settings.rfc9068) return settings.addsPermissions ? 'rfc9068_profile_authz' : 'rfc9068_profile'
  return settings.addsPermissions ? 'access_token_authz' : 'access_token'
}
