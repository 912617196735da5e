import {
  type ConnectionCreate,
  type ConnectionOptions,
  type ConnectionUpdate,
  connection,
  providerCheck,
  providerState,
} from '@rolecall/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { useCan } from '../auth/session.ts'
import type { PasswordPolicy } from '../forms/password-error.ts'
import { readAll } from './lists.ts'

export type { ConnectionOptions }
export type Connection = z.output<typeof connection>

const key = 'connections'

/** The database of users that every tenant has. */
export const defaultConnection = 'Username-Password-Authentication'
export const connectionKey = ['connections', defaultConnection]

export function useDefaultConnection(enabled = true) {
  const api = useApi()
  return useQuery({
    enabled,
    queryKey: connectionKey,
    queryFn: async () => {
      const [found] = await api.get('connections', z.array(connection), { name: defaultConnection })
      if (!found) throw new Error(`There is no connection ${defaultConnection}.`)
      return api.getVersioned(`connections/${segment(found.id)}`, connection)
    },
  })
}

/** Databases of users, and other providers. */
export function useAllConnections() {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'all'],
    queryFn: () => readAll(api, 'connections', 'connections', connection),
  })
}

/** The databases of users, which users are created in. */
export function useDatabases() {
  const { data, ...query } = useAllConnections()
  return { ...query, data: data?.filter(({ strategy }) => strategy === 'auth0') }
}

export function useConnection(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'one', id],
    queryFn: () => api.getVersioned(`connections/${segment(id ?? '')}`, connection),
    enabled: id !== undefined,
  })
}

export function useCreateConnection() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: ConnectionCreate) => api.change('connections', connection, { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

/** The wire replaces `options` as a whole, so all of it is sent. */
export function useChangeConnection(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ ifMatch, ...body }: ConnectionUpdate & { ifMatch: string | undefined }) =>
      api.change(`connections/${segment(id)}`, connection, { method: 'PATCH', body, ifMatch }),
    // A mapping takes roles.
    onSuccess: () => queries.invalidateQueries(),
  })
}

export function useDeleteConnection() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(`connections/${segment(id)}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries(),
  })
}

const providerOf = (id: string) => `rolecall/connections/${segment(id)}/provider`

/** What to register at the provider, and whether its secret is stored. */
export function useProviderState(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'provider', id],
    queryFn: () => api.get(providerOf(id), providerState),
  })
}

export function useCheckProvider(id: string) {
  const api = useApi()
  return useMutation({
    mutationFn: () => api.change(`${providerOf(id)}/check`, providerCheck, { method: 'POST' }),
  })
}

/** The rules for passwords of new users; the weakest where the connection may not be read. */
export function usePasswordPolicy(): PasswordPolicy {
  const can = useCan()
  const { data } = useDefaultConnection(can('read:connections'))
  return data?.value.options.passwordPolicy ?? 'none'
}
