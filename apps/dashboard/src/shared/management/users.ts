import type { UserUpdate } from '@rolecall/contract'
import {
  type HeldRole,
  heldRole,
  type User,
  type UserPermission,
  user,
  userPermission,
  userRole,
} from '@rolecall/contract'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { byName } from '../match.ts'
import { defaultConnection } from './connections.ts'
import { readAll, readFirst, readPage } from './lists.ts'
import { byPermission, changePermissions, type PermissionChange } from './roles.ts'
import { noFilters, pageable, type UserFilters, userListQuery } from './user-filters.ts'

export type { User, UserPermission }

export type Identity = User['identities'][number]

/** Makes a linked account a separate user again. */
export function useUnlinkIdentity(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ provider, user_id: subject }: Pick<Identity, 'provider' | 'user_id'>) =>
      api.run(`${pathOf(id)}/identities/${segment(provider)}/${segment(subject)}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries(),
  })
}

/** Whether the user logs in with a password that is kept here. */
export const hasDatabaseAccount = ({ user_id: id }: Pick<User, 'user_id'>): boolean => id.startsWith('auth0|')

const key = 'users'
const pathOf = (id: string | undefined) => `users/${segment(id ?? '')}`

/** A page of the users whose name, email, user name or id has the text. */
export function useUserPage(page: number, text: string, size = 50) {
  return useFilteredUsers(page, { ...noFilters, text }, size)
}

export function useFilteredUsers(page: number, filters: UserFilters, size = 50) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'page', page, filters, size],
    queryFn: async () => {
      const query = userListQuery(filters, Date.now())
      const { items, total } = await readPage(api, 'users', 'users', user, { page, per_page: size, ...query })
      return { items, total: pageable(query, total) }
    },
    placeholderData: keepPreviousData,
  })
}

/** Reads the users that the filters find, as many as can be selected at once. */
export function useReadFilteredUsers(): (filters: UserFilters) => Promise<User[]> {
  const api = useApi()
  return (filters) => readFirst(api, 'users', 'users', user, userListQuery(filters, Date.now()))
}

const heldRoles = z.array(heldRole)

/** The roles of the users of a page, by user. Absent ids: not asked. */
export function useRolesOfUsers(ids: readonly string[] | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'roles', 'of-page', ids],
    queryFn: async () => {
      if (!ids || ids.length === 0) return new Map<string, HeldRole[]>()
      const found = await api.get('rolecall/user-roles', heldRoles, { users: ids.join(',') })
      return Map.groupBy(found, ({ user_id }) => user_id)
    },
    enabled: ids !== undefined,
    placeholderData: keepPreviousData,
  })
}

const exportJob = z.looseObject({ location: z.string() })
const exportFields = [
  'user_id',
  'email',
  'email_verified',
  'username',
  'name',
  'nickname',
  'given_name',
  'family_name',
  'blocked',
  'created_at',
  'last_login',
  'logins_count',
]

/** All users that the filters find, as the text of a file. The server answers with an address of a compressed file. */
export function useExportUsers() {
  const api = useApi()
  return useMutation({
    mutationFn: async ({ filters, format }: { filters: UserFilters; format: 'csv' | 'json' }) => {
      const { location } = await api.change('jobs/users-exports', exportJob, {
        method: 'POST',
        body: {
          format,
          fields: exportFields.map((name) => ({ name })),
          filter: userListQuery(filters, Date.now()),
        },
      })
      const { body, ok } = await fetch(location)
      if (!ok || !body) throw new Error('The export could not be fetched.')
      return new Response(body.pipeThrough(new DecompressionStream('gzip'))).text()
    },
  })
}

export function useUser(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'one', id],
    queryFn: () => api.getVersioned(pathOf(id), user),
    enabled: id !== undefined,
  })
}

export function useCreateUser() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: { email: string; password: string; email_verified?: boolean }) =>
      api.change('users', user, { method: 'POST', body: { connection: defaultConnection, ...body } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'page'] }),
  })
}

export function useUpdateUser(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ ifMatch, ...body }: UserUpdate & { ifMatch?: string | undefined }) =>
      api.change(pathOf(id), user, { method: 'PATCH', body, ifMatch }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

/** Blocks or unblocks a user. @returns the log entry of the change */
export function useBlockUser(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (blocked: boolean) => api.runUndoable(pathOf(id), { method: 'PATCH', body: { blocked } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

export function useDeleteUser() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(pathOf(id), { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries(),
  })
}

export function useUserRoles(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'roles', id],
    queryFn: async () =>
      (await readAll(api, `${pathOf(id)}/roles`, 'roles', userRole)).toSorted(byName(({ name }) => name)),
    enabled: id !== undefined,
  })
}

export function useUserPermissions(id: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'permissions', id],
    queryFn: async () =>
      (await readAll(api, `${pathOf(id)}/permissions`, 'permissions', userPermission)).toSorted(byPermission),
    enabled: id !== undefined,
  })
}

/** Gives roles to a user or takes them away. @returns the log entries of the changes */
export function useChangeUserRoles() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ id, add = [], remove = [] }: { id: string; add?: string[]; remove?: string[] }) => {
      const path = `${pathOf(id)}/roles`
      const removed =
        remove.length > 0 ? await api.runUndoable(path, { method: 'DELETE', body: { roles: remove } }) : []
      const added =
        add.length > 0 ? await api.runUndoable(path, { method: 'POST', body: { roles: add } }) : []
      return [...removed, ...added]
    },
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: [key] }),
        queries.invalidateQueries({ queryKey: ['roles', 'users'] }),
        queries.invalidateQueries({ queryKey: ['impact'] }),
      ]),
  })
}

export function useChangeUserPermissions(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: PermissionChange) => changePermissions(api, pathOf(id), change),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'permissions', id] }),
  })
}

export function useVerificationMail() {
  const api = useApi()
  return useMutation({
    mutationFn: (user_id: string) =>
      api.run('jobs/verification-email', { method: 'POST', body: { user_id } }),
  })
}

const ticket = z.object({ ticket: z.string() })

export function usePasswordTicket() {
  const api = useApi()
  return useMutation({
    mutationFn: (user_id: string) =>
      api.change('tickets/password-change', ticket, { method: 'POST', body: { user_id } }),
  })
}
