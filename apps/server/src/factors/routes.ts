import {
  authenticationMethod,
  authenticationMethodUpdate,
  listOf,
  pageQuery,
  userIdText,
} from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { type Listing, paged } from '../http/paging.ts'
import { audited } from '../logs/audited.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { requireUser } from '../users/users.ts'
import { iso } from '../users/wire.ts'
import { isSecondFactor, removeMethod, requireMethod, resetFactors } from './factors.ts'
import { listMethods, type Method, renameMethod } from './store.ts'
import { methodToWire } from './wire.ts'

/** The second factors and passkeys of a user, and how to take them away from one who has lost them. */
export function authenticationMethodRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['users']
  const params = z.object({ id: userIdText })
  const methodParams = params.extend({ method: z.string().min(1).max(100) })
  const ending = 'The sessions of the user end at once, and a mail tells them.'

  app.get(
    '/users/:id/authentication-methods',
    {
      config: { scope: ['read:authentication_methods', 'read:users'] },
      schema: {
        tags,
        summary: 'List the authentication methods of a user',
        description: 'Second factors, passkeys, and the set of recovery codes. Secrets are not shown.',
        params,
        querystring: pageQuery,
        response: { 200: listOf('authenticators', authenticationMethod) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      const methods = await listMethods(db, userId)
      return paged('authenticators', query, listingOf(methods), methodToWire)
    },
  )

  app.get(
    '/users/:id/authentication-methods/:method',
    {
      config: { scope: ['read:authentication_methods', 'read:users'] },
      schema: {
        tags,
        summary: 'Get an authentication method of a user',
        params: methodParams,
        response: { 200: authenticationMethod },
      },
    },
    async ({ params: { id, method } }) => {
      const { userId } = await requireUser(db, id)
      return methodToWire(await requireMethod(db, userId, method))
    },
  )

  app.patch(
    '/users/:id/authentication-methods/:method',
    {
      config: { scope: ['update:authentication_methods'] },
      schema: {
        tags,
        summary: 'Rename an authentication method of a user',
        description: 'The user is not logged out, and no mail is sent.',
        params: methodParams,
        body: authenticationMethodUpdate,
        response: { 200: authenticationMethod },
      },
    },
    (request) =>
      audited(ctx, request, 'Rename an authentication method of a user', async (tx) => {
        const { id, method } = request.params
        const { userId } = await requireUser(tx.db, id)
        await requireMayActOn(tx.db, callerOf(request), userId)
        const before = methodToWire(await requireMethod(tx.db, userId, method))
        const after = { ...before, name: request.body.name }
        await renameMethod(tx.db, userId, method, after.name)
        return { result: after, on: { user: userId }, before, after }
      }),
  )

  app.get(
    '/users/:id/enrollments',
    {
      config: { scope: ['read:users'] },
      schema: {
        tags,
        summary: 'List the second factors of a user',
        params,
        response: {
          200: z.array(
            z.object({
              id: z.string(),
              status: z.literal('confirmed'),
              type: z.literal('authenticator'),
              name: z.string(),
              enrolled_at: z.string(),
              last_auth: z.string().optional(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { userId } = await requireUser(db, request.params.id)
      const factors = (await listMethods(db, userId)).filter(isSecondFactor)
      return factors.map(({ id, name, createdAt, lastUsedAt }) => ({
        id,
        status: 'confirmed' as const,
        type: 'authenticator' as const,
        name,
        enrolled_at: iso(createdAt),
        last_auth: lastUsedAt === undefined ? undefined : iso(lastUsedAt),
      }))
    },
  )

  app.delete(
    '/users/:id/authentication-methods/:method',
    {
      config: { scope: ['delete:authentication_methods'] },
      schema: {
        tags,
        summary: 'Delete an authentication method of a user',
        description: ending,
        params: methodParams,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id, method } = request.params
      await audited(ctx, request, 'Delete an authentication method of a user', async (tx) => {
        const { userId } = await requireUser(tx.db, id)
        await requireMayActOn(tx.db, callerOf(request), userId)
        const before = await removeMethod(ctx, tx, userId, method)
        return { result: undefined, on: { user: userId }, before: methodToWire(before) }
      })
      return reply.code(204).send()
    },
  )

  app.delete(
    '/users/:id/authentication-methods',
    {
      config: { scope: ['delete:authentication_methods'] },
      schema: {
        tags,
        summary: 'Delete the authentication methods of a user',
        description: `For a user who has lost them. ${ending}`,
        params,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete the authentication methods of a user', async (tx) => {
        const { userId } = await requireUser(tx.db, request.params.id)
        await requireMayActOn(tx.db, callerOf(request), userId)
        const before = await resetFactors(ctx, tx, userId)
        return { result: undefined, on: { user: userId }, before: before.map(methodToWire) }
      })
      return reply.code(204).send()
    },
  )
}

/** There are a few of them, which are read together. */
function listingOf(methods: readonly Method[]): Listing<Method> {
  return {
    async slice({ after, offset, limit }) {
      const start = after === undefined ? (offset ?? 0) : methods.findIndex(({ id }) => id === after[0]) + 1
      return methods.slice(start, start + limit)
    },
    count: async () => methods.length,
    cursor: ({ id }) => [id],
  }
}
