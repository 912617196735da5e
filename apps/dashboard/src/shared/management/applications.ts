import {
  applicationSecret,
  type Client,
  type ClientUpdate,
  client,
  clientGrant,
  clientWithSecret,
} from '@rolecall/contract'
import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { byName } from '../match.ts'
import { readAll } from './lists.ts'

export type { Client }

const key = 'applications'
const pathOf = (id: string | undefined) => `clients/${segment(id ?? '')}`

export function useApplications(enabled = true) {
  const api = useApi()
  return useQuery({
    enabled,
    queryKey: [key, 'all'],
    queryFn: async () =>
      (await readAll(api, 'clients', 'clients', client, { is_global: false })).toSorted(
        byName(({ name }) => name),
      ),
  })
}

/** All that users can log in to, with the dashboard and the account page. */
export function useLogInApplications() {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'all', 'with-system'],
    queryFn: async () =>
      (await readAll(api, 'clients', 'clients', client))
        .filter(({ global: isGlobal }) => !isGlobal)
        .toSorted(byName(({ name }) => name)),
  })
}

export function useApplication(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'one', id],
    queryFn: () => api.getVersioned(pathOf(id), client),
    enabled: id !== undefined,
  })
}

export interface NewApplication {
  name: string
  app_type: string
  callbacks?: string[]
  allowed_logout_urls?: string[]
  web_origins?: string[]
  oidc_conformant: true
  grant_types: string[]
  token_endpoint_auth_method?: 'none'
}

/** The answer holds the secret, which is never shown again: `useFreshSecret` has it for a while. */
export function useCreateApplication() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: NewApplication) => api.change('clients', clientWithSecret, { method: 'POST', body }),
    onSuccess: ({ client_id, client_secret }) => {
      queries.setQueryData(freshSecret(client_id), client_secret)
      return queries.invalidateQueries({ queryKey: [key] })
    },
  })
}

/** A secret that was made a moment ago, in this page's memory alone. */
export function useFreshSecret(id: string): string | undefined {
  return useQuery<string>({ queryKey: freshSecret(id), queryFn: skipToken }).data
}

const freshSecret = (id: string) => ['fresh-secret', id]

export function useUpdateApplication(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ ifMatch, ...body }: ClientUpdate & { ifMatch?: string | undefined }) =>
      api.change(pathOf(id), client, { method: 'PATCH', body, ifMatch }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

export function useDeleteApplication() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(pathOf(id), { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

/** Makes a new secret. The old one is accepted for a while, or ends at once. */
export function useRotateSecret() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, keptForSeconds }: { id: string; keptForSeconds: number }) =>
      api.change(`${pathOf(id)}/rotate-secret`, clientWithSecret, {
        method: 'POST',
        body: { previous_secret_lifetime: keptForSeconds },
      }),
    onSuccess: ({ client_id, client_secret }) => {
      queries.setQueryData(freshSecret(client_id), client_secret)
      // Its version has moved on.
      return queries.invalidateQueries({ queryKey: [key] })
    },
  })
}

const secrets = z.array(applicationSecret)
const secretsOf = (id: string) => `rolecall/clients/${segment(id)}/secrets`

/** The secrets that are accepted, without their values. */
export function useSecrets(id: string) {
  const api = useApi()
  return useQuery({ queryKey: [key, 'secrets', id], queryFn: () => api.get(secretsOf(id), secrets) })
}

export function useEndPreviousSecret() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(`${secretsOf(id)}/previous`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'secrets'] }),
  })
}

const grants = 'grants'

export function useGrants(filter: { audience?: string; client_id?: string }, enabled = true) {
  const api = useApi()
  return useQuery({
    enabled,
    queryKey: [grants, filter],
    queryFn: () => readAll(api, 'client-grants', 'client_grants', clientGrant, filter),
  })
}

/** Creates, changes or, without a list of scopes, deletes a client grant. */
export function useChangeGrant() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (
      change:
        | { client_id: string; audience: string; scope: string[] }
        | { id: string; scope: string[] }
        | { id: string; scope?: never },
    ) => {
      if (!('id' in change)) await api.run('client-grants', { method: 'POST', body: change })
      else if (change.scope)
        await api.run(`client-grants/${segment(change.id)}`, {
          method: 'PATCH',
          body: { scope: change.scope },
        })
      else await api.run(`client-grants/${segment(change.id)}`, { method: 'DELETE' })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [grants] }),
  })
}
