import {
  type ChangeDescription,
  listOf,
  log,
  pageQuery,
  refreshToken,
  session,
  userIdText,
} from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { notFound } from '../http/api-error.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited } from '../logs/audited.ts'
import { listLogs } from '../logs/lists.ts'
import { logToWire } from '../logs/wire.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { type Device, deviceOf } from '../sessions/device.ts'
import { type Artifact, listArtifacts } from '../sessions/lists.ts'
import {
  endArtifacts,
  endRefreshTokens,
  endSessions,
  endUserSessions,
  findSession,
} from '../sessions/store.ts'
import { mark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import { requireUser } from './users.ts'
import { iso } from './wire.ts'

/** The log entries, sessions and refresh tokens of a user, and how to end the latter two. */
export function userSessionRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['users']
  const params = z.object({ id: userIdText })

  app.get(
    '/users/:id/logs',
    {
      config: { scope: ['read:logs', 'read:logs_users'] },
      schema: {
        tags,
        summary: 'List what a user did',
        params,
        querystring: pageQuery,
        response: { 200: listOf('logs', log) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      return paged('logs', query, listLogs(db, { userId }), logToWire, true)
    },
  )

  app.get(
    '/users/:id/sessions',
    {
      config: { scope: ['read:sessions'] },
      schema: {
        tags,
        summary: 'List the sessions of a user',
        params,
        querystring: pageQuery,
        response: { 200: listOf('sessions', session) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      const list = listArtifacts(db, 'Session', userId, ctx.clock())
      return paged('sessions', { ...query, take: query.take ?? 50 }, list, (one) => ({
        ...artifactToWire(one, userId),
        device: deviceToWire(deviceOf(ctx.sealer, one)),
        clients: one.clientId === undefined ? [] : [{ client_id: one.clientId }],
      }))
    },
  )

  app.get(
    '/users/:id/refresh-tokens',
    {
      config: { scope: ['read:refresh_tokens'] },
      schema: {
        tags,
        summary: 'List the refresh tokens of a user',
        params,
        querystring: pageQuery,
        response: { 200: listOf('tokens', refreshToken) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      const list = listArtifacts(db, 'RefreshToken', userId, ctx.clock())
      return paged('tokens', { ...query, take: query.take ?? 50 }, list, (one) => ({
        ...artifactToWire(one, userId),
        ...(one.clientId !== undefined && { client_id: one.clientId }),
      }))
    },
  )

  const endings = [
    [
      '/users/:id/sessions',
      'delete:sessions',
      'End the sessions of a user',
      (tx: Db, userId: string) => endArtifacts(tx, ['Session'], userId),
    ],
    [
      '/users/:id/refresh-tokens',
      'delete:refresh_tokens',
      'Revoke the refresh tokens of a user',
      endRefreshTokens,
    ],
  ] as const
  for (const [url, scope, summary, end] of endings)
    app.delete(
      url,
      { config: { scope: [scope] }, schema: { tags, summary, params, response: { 202: z.undefined() } } },
      async (request, reply) => {
        await endAccess(ctx, request, summary, async (tx) => {
          const { userId } = await requireUser(tx, request.params.id)
          return { userId, end: () => end(tx, userId) }
        })
        return reply.code(202).send()
      },
    )

  app.delete(
    '/sessions/:id',
    {
      config: { scope: ['delete:sessions'] },
      schema: {
        tags: ['sessions'],
        summary: 'End a session',
        params: z.object({ id: z.string().min(1).max(100) }),
        response: { 202: z.undefined() },
      },
    },
    async (request, reply) => {
      await endAccess(ctx, request, 'End a session', async (tx) => {
        const { userId, uid } = (await findSession(tx, request.params.id)) ?? {}
        if (!userId || !uid) throw notFound('The session does not exist', 'inexistent_session')
        return { userId, end: () => endSessions(tx, { uid }) }
      })
      return reply.code(202).send()
    },
  )

  app.post(
    '/users/:id/revoke-access',
    {
      config: { scope: ['delete:sessions delete:refresh_tokens'] },
      schema: {
        tags,
        summary: 'Sign a user out everywhere',
        params,
        body: z.object({ preserve_refresh_tokens: z.boolean().optional() }).nullish(),
        response: { 202: z.undefined() },
      },
    },
    async (request, reply) => {
      const keepsTokens = request.body?.preserve_refresh_tokens === true
      await endAccess(ctx, request, 'Sign a user out everywhere', async (tx) => {
        const { userId } = await requireUser(tx, request.params.id)
        const end = keepsTokens
          ? () => endArtifacts(tx, ['Session', 'Interaction'], userId)
          : () => endUserSessions(tx, userId)
        return { userId, end }
      })
      return reply.code(202).send()
    },
  )
}

/** Ends access of a user whom the caller may act on. Tokens that were issued before are stale. */
function endAccess(
  ctx: Context,
  request: FastifyRequest,
  description: ChangeDescription,
  find: (tx: Db) => Promise<{ userId: string; end: () => Promise<unknown> }>,
): Promise<void> {
  return audited(ctx, request, description, async (tx) => {
    const { userId, end } = await find(tx.db)
    await requireMayActOn(tx.db, callerOf(request), userId)
    await end()
    mark(tx, { effect: 'loss', reason: 'session', subject: userId })
    return { result: undefined, on: { user: userId } }
  })
}

/** In Auth0's names. */
const deviceToWire = ({ userAgent, ip }: Device) => ({ last_user_agent: userAgent, last_ip: ip })

function artifactToWire({ id, createdAt, expiresAt }: Artifact, userId: string) {
  return {
    id,
    user_id: userId,
    created_at: iso(createdAt),
    ...(expiresAt !== undefined && { expires_at: iso(expiresAt) }),
  }
}
