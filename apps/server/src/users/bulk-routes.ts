import { type BulkResult, bulkResult, bulkUserRoles, bulkUsers } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { noSuchUser } from '../http/api-error.ts'
import { type Caller, callerOf, type ManagementApp } from '../http/management-app.ts'
import { auditedPart, type Change } from '../logs/audited.ts'
import { eachPart } from '../logs/each-part.ts'
import { assignRoles, unassignRoles } from '../roles/assignments.ts'
import { keepingAnOwner } from '../roles/owners.ts'
import { requireMayActOn, requireMayAssign } from '../roles/privilege.ts'
import { sourcesOfRoles } from '../roles/role-sources.ts'
import { heldRoleIds } from '../roles/store.ts'
import type { Tx } from '../store/transaction.ts'
import { lockUser } from './store.ts'
import type { User } from './user.ts'
import { updateUser } from './users.ts'
import { userToWire } from './wire.ts'

type Request = Parameters<typeof auditedPart>[1]

const description =
  'Each user is changed and logged alone: one that is refused does not stop the others. A user who needs no change has ' +
  'no `change` in the response.'

/** Changes of many users. Auth0 has no such routes; each user is changed as by the route for one. */
export function userBulkRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['rolecall']
  const response = { 200: z.array(bulkResult) }
  const toWire = (user: User) => userToWire(user, ctx.config.issuer)

  app.post(
    '/rolecall/users/assign-roles',
    {
      config: { scope: ['update:users', 'create:role_members'] },
      schema: { tags, summary: 'Assign roles to users', description, body: bulkUserRoles, response },
    },
    (request) =>
      forEach(ctx, request, request.body.users, async ({ user_id: id, roles }) => {
        const part = await auditedPart(ctx, request, 'Assign roles to a user', async (tx) => {
          await requireLocked(tx, id)
          await requireMayAssign(tx.db, callerOf(request), roles)
          const sources = (await sourcesOfRoles(tx.db, [id], roles)).get(id)
          const isAssigned = (roleId: string) => sources?.get(roleId)?.direct === true
          const missing = [...new Set(roles)].filter((roleId) => !isAssigned(roleId))
          if (missing.length === 0) return undefined
          const added = await assignRoles(tx, id, missing)
          return { result: added, on: { user: id, role: added }, after: { roles: added } }
        })
        return part && { change: part.logId, roles: part.result }
      }),
  )

  app.post(
    '/rolecall/users/remove-roles',
    {
      config: { scope: ['update:users', 'delete:role_members'] },
      schema: { tags, summary: 'Take roles from users', description, body: bulkUserRoles, response },
    },
    (request) =>
      forEach(ctx, request, request.body.users, async ({ user_id: id, roles }) => {
        const part = await auditedPart(ctx, request, 'Take roles from a user', (tx) =>
          keepingAnOwner(tx, async () => {
            await requireLocked(tx, id)
            await requireMayActOn(tx.db, callerOf(request), id)
            await requireMayAssign(tx.db, callerOf(request), roles)
            const held = await heldRoleIds(tx.db, id, roles)
            if (held.length === 0) return undefined
            const removed = await unassignRoles(tx, id, held)
            return { result: removed, on: { user: id, role: removed }, before: { roles: removed } }
          }),
        )
        return part && { change: part.logId, roles: part.result }
      }),
  )

  for (const blocked of [true, false])
    app.post(
      `/rolecall/users/${blocked ? 'block' : 'unblock'}`,
      {
        config: { scope: ['update:users'] },
        schema: {
          tags,
          summary: blocked ? 'Block users' : 'Unblock users',
          description,
          body: bulkUsers,
          response,
        },
      },
      (request) =>
        forEach(ctx, request, request.body.users, async ({ user_id: id }) => {
          const part = await auditedPart(ctx, request, 'Update a user', (tx) => {
            const change = () => setBlocked(tx, callerOf(request), id, blocked, toWire)
            return blocked ? keepingAnOwner(tx, change) : change()
          })
          return part && { change: part.logId }
        }),
    )
}

async function setBlocked(
  tx: Tx,
  caller: Caller,
  id: string,
  blocked: boolean,
  toWire: (user: User) => object,
): Promise<Change<undefined> | undefined> {
  const user = await requireLocked(tx, id)
  await requireMayActOn(tx.db, caller, id)
  if (user.blocked === blocked) return undefined
  const { before, after } = await updateUser(tx, id, { blocked })
  return { result: undefined, on: { user: id }, before: toWire(before), after: toWire(after) }
}

/** Locks the user until the transaction ends, so that what is read about them stays true. @throws ApiError 404 */
async function requireLocked(tx: Tx, userId: string): Promise<User> {
  const user = await lockUser(tx.db, userId)
  if (!user) throw noSuchUser()
  return user
}

/** Changes one user after the other, each in a transaction. */
function forEach<T extends { user_id: string }>(
  ctx: Context,
  request: Request,
  users: readonly T[],
  change: (item: T) => Promise<Omit<BulkResult, 'user_id'> | undefined>,
): Promise<BulkResult[]> {
  const nameOf = ({ user_id }: T) => ({ user_id })
  return eachPart(ctx, request, users, nameOf, async (item) => (await change(item)) ?? {})
}
