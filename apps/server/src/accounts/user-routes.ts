import { type UserUpdate, user, userCreate, userIdText, userUpdate } from '@rolecall/contract'
import { z } from 'zod'
import { requireDatabase } from '../connections/connections.ts'
import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { insufficientScope, noSuchConnection, notSupported } from '../http/api-error.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { keepingAnOwner } from '../roles/owners.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { type LinkedAccounts, linkedAccountsOf } from '../users/linked-accounts.ts'
import type { User } from '../users/user.ts'
import { createUser, requireUser, updateUser } from '../users/users.ts'
import { userChangesFromWire, userFromWire, userToWire } from '../users/wire.ts'
import { deleteAccount } from './accounts.ts'
import { mailEmailVerification } from './email-verification.ts'
import { hashGivenPassword, replacePassword } from './passwords.ts'
import { requireMayUpdateMembers } from './provider-users.ts'

/**
 * Creating, changing and deleting users. These routes change the account with the record: the password, the address
 * that is verified by mail, the failures counted against it. A caller cannot change a user who holds management scopes
 * that the caller lacks, because a new password or address gives access to that account.
 */
export function userAccountRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['users']
  const toWire = (one: User, accounts?: LinkedAccounts) => userToWire(one, ctx.config.issuer, accounts)
  const params = z.object({ id: userIdText })

  app.post(
    '/users',
    {
      config: { scope: ['create:users'] },
      schema: {
        tags,
        summary: 'Create a user',
        description:
          'Unless `verify_email` is false or the address is verified, a mail asks the user to verify it.',
        body: userCreate,
        response: { 201: user },
      },
    },
    async (request, reply) => {
      const { password, verify_email, ...body } = request.body
      const given = userFromWire(body)
      const connection = await findConnection(ctx.store.db, given.connection)
      if (!connection) throw noSuchConnection()
      requireDatabase(connection, 'Creating a user')
      const passwordHash = password === undefined ? undefined : await hashGivenPassword(ctx, password, given)
      const created = await audited(ctx, request, 'Create a user', async (tx) => {
        const result = await createUser(tx, { ...given, ...(passwordHash && { passwordHash }) })
        return { result, on: { user: result.userId }, after: toWire(result) }
      })
      if (verify_email ?? !created.emailVerified) await mailEmailVerification(ctx, created, originOf(request))
      return reply.code(201).send(toWire(created))
    },
  )

  app.patch(
    '/users/:id',
    {
      config: { scope: ['update:users', 'update:users_app_metadata'] },
      schema: {
        tags,
        summary: 'Update a user',
        description:
          'Metadata is merged on its first level; null takes a member away. Blocking ends every session.',
        params,
        body: userUpdate,
        response: { 200: user },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      const { id } = request.params
      const { body } = request
      if (!caller.scopes.has('update:users') && namesMoreThan(body, 'app_metadata'))
        throw insufficientScope(['update:users'])
      const target = await requireUser(ctx.store.db, id)
      await requireMayActOn(ctx.store.db, caller, id)
      if (body.connection !== undefined && body.connection !== target.connection)
        throw notSupported('The connection of a user cannot be changed')
      await requireMayUpdateMembers(ctx.store.db, target, body)
      const owner = { ...target, ...(body.email && { email: body.email }) }
      const hash =
        body.password === undefined ? undefined : await hashGivenPassword(ctx, body.password, owner)

      const updated = await audited(ctx, request, 'Update a user', async (tx) => {
        await requireMayActOn(tx.db, caller, id)
        const update = () => updateUser(tx, id, userChangesFromWire(body))
        const { before, after } = await (body.blocked ? keepingAnOwner(tx, update) : update())
        const accounts = await linkedAccountsOf(tx.db, [after])
        if (hash !== undefined) await replacePassword(tx, after, hash)
        const result = hash === undefined ? after : await requireUser(tx.db, id)
        const shown = toWire(result, accounts)
        const changed = { ...shown, ...(hash !== undefined && { password: 'changed' }) }
        return {
          result: { user: result, shown },
          on: { user: id },
          before: toWire(before, accounts),
          after: changed,
        }
      })
      if (body.verify_email) await mailEmailVerification(ctx, updated.user, originOf(request))
      return updated.shown
    },
  )

  app.delete(
    '/users/:id',
    {
      config: { scope: ['delete:users'] },
      schema: {
        tags,
        summary: 'Delete a user',
        description: 'Their sessions and refresh tokens end at once.',
        params,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await audited(ctx, request, 'Delete a user', (tx) =>
        keepingAnOwner(tx, async () => {
          await requireUser(tx.db, id)
          await requireMayActOn(tx.db, callerOf(request), id)
          return { result: undefined, on: { user: id }, before: toWire(await deleteAccount(tx, id)) }
        }),
      )
      return reply.code(204).send()
    },
  )
}

/** Where the request came from, for the mail that it sends. */
function originOf(request: { ip: string; headers: Record<string, unknown> }) {
  const userAgent = request.headers['user-agent']
  return { ip: request.ip, ...(typeof userAgent === 'string' && { userAgent }) }
}

function namesMoreThan(body: UserUpdate, name: keyof UserUpdate): boolean {
  return Object.entries(body).some(([key, value]) => key !== name && value !== undefined)
}
