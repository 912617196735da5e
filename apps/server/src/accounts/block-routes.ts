import { userBlocks, userIdText } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { findUsersByEmail } from '../users/lists.ts'
import type { User } from '../users/user.ts'
import { requireUser } from '../users/users.ts'
import { clearFailures, pausedNetworks } from './attempts.ts'

/**
 * The networks whose attempts on an account are refused after too many wrong passwords, and how to clear them. Not the
 * `blocked` flag of a user.
 */
export function userBlockRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['user-blocks']
  const params = z.object({ id: userIdText })
  const querystring = z.object({ identifier: z.string().min(1).max(320) })

  const blocksOf = async (users: readonly User[]) => {
    const blocks = []
    for (const { email, connection } of users)
      for (const ip of await pausedNetworks(db, connection, email, ctx.clock()))
        blocks.push({ identifier: email, ip, connection })
    return { blocked_for: blocks }
  }

  app.get(
    '/user-blocks/:id',
    {
      config: { scope: ['read:users'] },
      schema: { tags, summary: 'List what blocks a user', params, response: { 200: userBlocks } },
    },
    async ({ params: { id } }) => blocksOf([await requireUser(db, id)]),
  )

  app.get(
    '/user-blocks',
    {
      config: { scope: ['read:users'] },
      schema: { tags, summary: 'List what blocks an address', querystring, response: { 200: userBlocks } },
    },
    async ({ query }) => blocksOf(await findUsersByEmail(db, query.identifier)),
  )

  app.delete(
    '/user-blocks/:id',
    {
      config: { scope: ['update:users'] },
      schema: { tags, summary: 'Unblock a user', params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Unblock a user', async (tx) => {
        const { userId, connection, email } = await requireUser(tx.db, request.params.id)
        // The pause protects the account from guessing, so ending it needs the same privilege as changing the user.
        await requireMayActOn(tx.db, callerOf(request), userId)
        await clearFailures(tx.db, connection, email)
        return { result: undefined, on: { user: userId } }
      })
      return reply.code(204).send()
    },
  )

  app.delete(
    '/user-blocks',
    {
      config: { scope: ['update:users'] },
      schema: { tags, summary: 'Unblock an address', querystring, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      const { identifier } = request.query
      await audited(ctx, request, 'Unblock an address', async (tx) => {
        const users = await findUsersByEmail(tx.db, identifier)
        for (const { userId, connection } of users) {
          await requireMayActOn(tx.db, callerOf(request), userId)
          await clearFailures(tx.db, connection, identifier)
        }
        return { result: undefined, on: { user: users.map(({ userId }) => userId) }, before: { identifier } }
      })
      return reply.code(204).send()
    },
  )
}
