import {
  type Role,
  type RoleCount,
  type RolePermission,
  type RoleSources,
  role,
  roleCount,
  rolePermission,
  roleUser,
} from '@rolecall/contract'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { type ManagementApi, segment } from '../api/management-api.ts'
import type { ExportRow } from '../export/lines.ts'
import { byName } from '../match.ts'
import { readAll, readFirst, readPage } from './lists.ts'

export type { Role, RolePermission }

/** Whether somebody can be relieved of a role: it is assigned, and not only given by a provider. */
export const isAssigned = ({ rolecall_sources: sources }: { rolecall_sources: RoleSources }): boolean =>
  sources.some(({ source_type: type }) => type === 'DIRECT')
export interface PermissionRef {
  resource_server_identifier: string
  permission_name: string
}

const key = 'roles'

export function useRoles() {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'all'],
    queryFn: async () => (await readAll(api, 'roles', 'roles', role)).toSorted(byName(({ name }) => name)),
  })
}

/** A page of the roles whose name or id has the text. */
export function useRolePage(page: number, text: string, sort: string) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'page', page, text, sort],
    queryFn: () => readPage(api, 'roles', 'roles', role, { page, search: text.trim() || undefined, sort }),
    placeholderData: keepPreviousData,
  })
}

/** Reads the roles that a text finds, as many as can be selected at once. */
export function useReadRoles() {
  const api = useApi()
  return (text: string) => readFirst(api, 'roles', 'roles', role, { search: text.trim() || undefined })
}

export const roleExportColumns = ['id', 'name', 'description', 'type', 'users', 'permissions']

/** Reads all roles that a text finds, with the numbers of their users and permissions. */
export function useReadRolesForExport() {
  const api = useApi()
  return async (text: string, sort: string) => {
    const found = await readAll(api, 'roles', 'roles', role, { search: text.trim() || undefined, sort })
    const rows: ExportRow[] = []
    for (let start = 0; start < found.length; start += idsAtOnce) {
      const some = found.slice(start, start + idsAtOnce)
      const ids = some.map(({ id }) => id).join(',')
      const counts = await api.get('rolecall/role-counts', roleCounts, { roles: ids })
      for (const one of some) rows.push({ ...one, ...counts.find(({ role_id }) => role_id === one.id) })
    }
    return rows
  }
}

/** As many ids as a request takes. */
const idsAtOnce = 100

const roleCounts = z.array(roleCount)

/** How many users and permissions the roles of a page have, by role. */
export function useRoleCounts(ids: readonly string[] | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'counts', ids],
    // Assignments are changed on many pages.
    staleTime: 0,
    queryFn: async () => {
      if (!ids || ids.length === 0) return new Map<string, RoleCount>()
      const counts = await api.get('rolecall/role-counts', roleCounts, { roles: ids.join(',') })
      return new Map(counts.map((count) => [count.role_id, count]))
    },
    enabled: ids !== undefined,
    placeholderData: keepPreviousData,
  })
}

export function useRole(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'one', id],
    queryFn: () => api.getVersioned(`roles/${segment(id ?? '')}`, role),
    enabled: id !== undefined,
  })
}

export function useCreateRole() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ permissions = [], ...body }: NewRole) => {
      const made = await api.change('roles', role, { method: 'POST', body })
      await changePermissions(api, `roles/${segment(made.id)}`, { add: permissions.map(permissionRef) })
      return made
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

interface NewRole {
  name: string
  description: string
  permissions?: readonly PermissionRef[]
}

export interface PermissionChange {
  add?: readonly PermissionRef[]
  remove?: readonly PermissionRef[]
}

/** So many in one request. The log has all of them, and an undo needs that. */
const permissionsAtOnce = 100

/**
 * Removes permissions from a role or a user, and adds others.
 * @param path of the role or the user
 * @returns the log entries of the changes
 */
export async function changePermissions(
  api: ManagementApi,
  path: string,
  { add = [], remove = [] }: PermissionChange,
): Promise<string[]> {
  const changes: string[] = []
  for (const [method, all] of [
    ['DELETE', remove],
    ['POST', add],
  ] as const)
    for (let start = 0; start < all.length; start += permissionsAtOnce) {
      const body = { permissions: all.slice(start, start + permissionsAtOnce) }
      changes.push(...(await api.runUndoable(`${path}/permissions`, { method, body })))
    }
  return changes
}

export function useUpdateRole(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ ifMatch, ...body }: { name: string; description: string; ifMatch: string | undefined }) =>
      api.change(`roles/${segment(id)}`, role, { method: 'PATCH', body, ifMatch }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

export function useDeleteRole() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(`roles/${segment(id)}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries(),
  })
}

export function useRolePermissions(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'permissions', id],
    queryFn: async () =>
      (await readAll(api, `roles/${segment(id ?? '')}/permissions`, 'permissions', rolePermission)).toSorted(
        byPermission,
      ),
    enabled: id !== undefined,
  })
}

export function useChangeRolePermissions(id: string) {
  const change = useChangePermissionsOfRoles()
  return useMutation({
    mutationFn: (input: PermissionChange) => change.mutateAsync({ id, ...input }),
  })
}

/** The same where the role is known only when the change is made, as in a grid of many. */
export function useChangePermissionsOfRoles() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, ...change }: PermissionChange & { id: string }) =>
      changePermissions(api, `roles/${segment(id)}`, change),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: [key, 'permissions'] }),
        queries.invalidateQueries({ queryKey: ['users'] }),
        queries.invalidateQueries({ queryKey: ['impact'] }),
      ]),
  })
}

const roleOfApi = z.object({ role_id: z.string(), permission_name: z.string() })
/** A role, and a permission of an API that it holds. */
export type RoleOfApi = z.output<typeof roleOfApi>

/** Which roles hold which permissions of one API, in one call. */
export function useRolesOfApi(apiId: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: rolesOfApi(apiId),
    queryFn: () => api.get('rolecall/role-permissions', z.array(roleOfApi), { api: apiId }),
    enabled: apiId !== undefined,
  })
}

export const rolesOfApi = (apiId: string | undefined) => [key, 'permissions', 'of-api', apiId]

export function useRoleUsers(id: string | undefined, page = 0) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'users', id, page],
    queryFn: () => readPage(api, `roles/${segment(id ?? '')}/users`, 'users', roleUser, { page }),
    enabled: id !== undefined,
    placeholderData: keepPreviousData,
  })
}

/** Reads the users of a role, as many as can be selected at once. */
export function useReadRoleUsers() {
  const api = useApi()
  return (id: string) => readFirst(api, `roles/${segment(id)}/users`, 'users', roleUser)
}

/** What names a permission in a request, of an entry that says more about it. */
export const permissionRef = ({
  resource_server_identifier,
  permission_name,
}: PermissionRef): PermissionRef => ({
  resource_server_identifier,
  permission_name,
})

/** @param picked names of permissions, by the identifier of their API */
export const permissionRefs = (picked: ReadonlyMap<string, ReadonlySet<string>>): PermissionRef[] =>
  [...picked].flatMap(([resource_server_identifier, names]) =>
    [...names].map((permission_name) => ({ resource_server_identifier, permission_name })),
  )

/** By API, then by permission. */
export const byPermission = byName<PermissionRef & { resource_server_name: string }>(
  ({ resource_server_name, permission_name }) => `${resource_server_name} ${permission_name}`,
)

export const permissionKey = ({ resource_server_identifier, permission_name }: PermissionRef): string =>
  `${resource_server_identifier} ${permission_name}`
