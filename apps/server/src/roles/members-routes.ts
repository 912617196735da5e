import { emptyObject, listOf, pageQuery, roleUser, userRefs } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited } from '../logs/audited.ts'
import { assignUsers } from './assignments.ts'
import { listMembers } from './members-store.ts'
import { requireMayAssign } from './privilege.ts'
import { requireRole } from './roles.ts'
import { memberToWire } from './wire.ts'

/** Who holds a role, seen from the role; the users' side is `/users/{id}/roles`. */
export function memberRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['roles']
  const params = z.object({ id: z.string().max(100) })

  app.get(
    '/roles/:id/users',
    {
      config: { scope: ['read:role_members', 'read:roles read:users'] },
      schema: {
        tags,
        summary: 'List the users of a role',
        params,
        querystring: pageQuery,
        response: { 200: listOf('users', roleUser) },
      },
    },
    async ({ params: { id }, query }) => {
      await requireRole(ctx.store.db, id)
      return paged('users', query, listMembers(ctx.store.db, id), memberToWire)
    },
  )

  app.post(
    '/roles/:id/users',
    {
      config: { scope: ['update:roles', 'create:role_members'] },
      schema: {
        tags,
        summary: 'Assign a role to users',
        params,
        body: userRefs,
        response: { 200: emptyObject },
      },
    },
    async (request) => {
      const { id } = request.params
      const { users } = request.body
      return audited(ctx, request, 'Assign users to a role', async (tx) => {
        await requireMayAssign(tx.db, callerOf(request), [id])
        await assignUsers(tx, id, users)
        return { result: {}, after: { role: id, users } }
      })
    },
  )
}
