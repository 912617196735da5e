import { log, refreshToken, session, userBlocks, userGrant } from '@rolecall/contract'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { segment } from '../api/management-api.ts'
import { readAll, readPage } from './lists.ts'

/** Where a user is logged in, what they have agreed to, and what the log says of them. */

const key = 'users'
const pathOf = (id: string) => `users/${segment(id)}`

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
