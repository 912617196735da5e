import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { useCan } from '../auth/session.ts'

export type FoundKind = 'users' | 'roles' | 'apis' | 'applications'

export interface Found {
  kind: FoundKind
  id: string
  name: string
  detail: string
  /** Its page. */
  to: string
}

const perKind = 5

const users = z.array(z.object({ user_id: z.string(), email: z.string(), name: z.string() }))
const roles = z.array(z.object({ id: z.string(), name: z.string(), description: z.string() }))
const apis = z.array(z.object({ id: z.string(), name: z.string(), identifier: z.string() }))
const applications = z.array(z.object({ client_id: z.string(), name: z.string() }))

/** The first users, roles, APIs and applications with a text, of the kinds that the person may read. */
export function useFound(text: string) {
  const api = useApi()
  const can = useCan()
  const search = text.trim()
  const query = { search, per_page: perKind }
  const readers: Record<FoundKind, () => Promise<Found[]>> = {
    users: async () =>
      (await api.get('users', users, { ...query, fields: 'user_id,email,name' })).map((one) => ({
        kind: 'users',
        id: one.user_id,
        name: one.email,
        detail: one.name === one.email ? '' : one.name,
        to: `/users/${segment(one.user_id)}`,
      })),
    roles: async () =>
      (await api.get('roles', roles, query)).map((one) => ({
        kind: 'roles',
        id: one.id,
        name: one.name,
        detail: one.description,
        to: `/roles/${one.id}`,
      })),
    apis: async () =>
      (await api.get('resource-servers', apis, query)).map((one) => ({
        kind: 'apis',
        id: one.id,
        name: one.name,
        detail: one.identifier,
        to: `/apis/${one.id}`,
      })),
    applications: async () =>
      (await api.get('clients', applications, { ...query, is_global: false })).map((one) => ({
        kind: 'applications',
        id: one.client_id,
        name: one.name,
        detail: one.client_id,
        to: `/applications/${one.client_id}`,
      })),
  }
  const kinds = (
    [
      ['users', 'read:users'],
      ['roles', 'read:roles'],
      ['apis', 'read:resource_servers'],
      ['applications', 'read:clients'],
    ] as const
  ).flatMap(([kind, permission]) => (can(permission) ? [kind] : []))
  return useQuery({
    queryKey: ['found', kinds, search],
    queryFn: async () => (await Promise.all(kinds.map((kind) => readers[kind]()))).flat(),
    enabled: search !== '',
    staleTime: 10_000,
  })
}
