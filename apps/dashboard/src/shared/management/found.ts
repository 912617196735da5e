import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { useCan } from '../auth/session.ts'
import { explainLinks } from '../explain-links.ts'
import { includesText } from '../match.ts'
import { type ResourceServer, useApis } from './apis.ts'
import { useMayAsk } from './explain.ts'

export type FoundKind = 'users' | 'roles' | 'apis' | 'permissions' | 'applications'

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

/** The first objects with a text, of the kinds that the person may read. */
export function useFound(text: string) {
  const search = text.trim()
  const objects = useFoundObjects(search)
  const can = useCan()
  const { who } = useMayAsk()
  // An API comes with its permissions, and there are few APIs: they are read once and searched here.
  const apisWithPermissions = useApis(can('read:resource_servers') && search !== '')
  const permissions = permissionsWith(search, apisWithPermissions.data ?? [], who)
  return {
    data: objects.data && [...objects.data, ...permissions],
    error: objects.error ?? apisWithPermissions.error,
    isFetching: objects.isFetching || apisWithPermissions.isLoading,
    refetch: () => Promise.all([objects.refetch(), apisWithPermissions.refetch()]),
  }
}

/** The permissions whose name has the text: those that are called so exactly come first. */
function permissionsWith(text: string, apisOfTenant: ResourceServer[], mayAskWho: boolean): Found[] {
  const found = apisOfTenant.flatMap((api) =>
    (api.scopes ?? []).filter(({ value }) => includesText(value, text)).map(({ value }) => ({ api, value })),
  )
  return found
    .toSorted((one, other) => Number(other.value === text) - Number(one.value === text))
    .slice(0, perKind)
    .map(({ api: { id, name, identifier }, value }) => ({
      kind: 'permissions',
      id: `${id}-${value}`,
      name: value,
      detail: name,
      to: mayAskWho ? explainLinks.who({ api: identifier, permission: value }) : `/apis/${id}/permissions`,
    }))
}

type ObjectKind = Exclude<FoundKind, 'permissions'>

function useFoundObjects(search: string) {
  const api = useApi()
  const can = useCan()
  const query = { search, per_page: perKind }
  const readers: Record<ObjectKind, () => Promise<Found[]>> = {
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
