import type { UserUpdate } from '@rolecall/contract'
import {
  type HeldRole,
  heldRole,
  log,
  refreshToken,
  role,
  session,
  type User,
  type UserPermission,
  user,
  userBlocks,
  userGrant,
  userPermission,
} from '@rolecall/contract'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { byName } from '../match.ts'
import { defaultConnection } from './connections.ts'
import { readAll, readFirst, readPage } from './lists.ts'
import { byPermission, type PermissionRef } from './roles.ts'
import { noFilters, pageable, type UserFilters, userListQuery } from './user-filters.ts'

export type { User, UserPermission }

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
      (await readAll(api, `${pathOf(id)}/roles`, 'roles', role)).toSorted(byName(({ name }) => name)),
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

/** Gives roles to a user or takes them away. */
export function useChangeUserRoles() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ id, add = [], remove = [] }: { id: string; add?: string[]; remove?: string[] }) => {
      const path = `${pathOf(id)}/roles`
      if (remove.length > 0) await api.run(path, { method: 'DELETE', body: { roles: remove } })
      if (add.length > 0) await api.run(path, { method: 'POST', body: { roles: add } })
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
    mutationFn: async ({ add = [], remove = [] }: { add?: PermissionRef[]; remove?: PermissionRef[] }) => {
      const path = `${pathOf(id)}/permissions`
      if (remove.length > 0) await api.run(path, { method: 'DELETE', body: { permissions: remove } })
      if (add.length > 0) await api.run(path, { method: 'POST', body: { permissions: add } })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'permissions', id] }),
  })
}

/** Ends one session. */
export function useEndSession() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(`sessions/${segment(id)}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'sessions'] }),
  })
}

/** From which networks logins to an account are paused, after too many wrong passwords. */
export function useUserPauses(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'pauses', id],
    queryFn: async () => (await api.get(`user-blocks/${segment(id)}`, userBlocks)).blocked_for,
  })
}

export function useEndPauses() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.run(`user-blocks/${segment(id)}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key, 'pauses'] }),
  })
}

const sessions = z.object({ sessions: z.array(session) })
const refreshTokens = z.object({ tokens: z.array(refreshToken) })

export function useUserSessions(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'sessions', id],
    queryFn: () => api.get(`${pathOf(id)}/sessions`, sessions),
  })
}

export function useUserRefreshTokens(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'refresh-tokens', id],
    queryFn: () => api.get(`${pathOf(id)}/refresh-tokens`, refreshTokens),
  })
}

export function useEndUserSessions(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (what: 'sessions' | 'refresh-tokens') =>
      api.run(`${pathOf(id)}/${what}`, { method: 'DELETE' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [key] }),
  })
}

export function useUserGrants(id: string) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'grants', id],
    queryFn: () => readAll(api, 'grants', 'grants', userGrant, { user_id: id }),
  })
}

export function useRemoveUserGrant(id: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (grantId: string) => api.run(`grants/${segment(grantId)}`, { method: 'DELETE' }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: [key, 'grants', id] }),
        queries.invalidateQueries({ queryKey: [key, 'refresh-tokens', id] }),
      ]),
  })
}

export function useUserLogs(id: string, page: number) {
  const api = useApi()
  return useQuery({
    queryKey: [key, 'logs', id, page],
    queryFn: () => readPage(api, `${pathOf(id)}/logs`, 'logs', log, { page }),
    placeholderData: keepPreviousData,
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
