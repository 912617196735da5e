import { emptyObject, listOf, pageQuery, permissionRefs, rolePermission } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited, requested } from '../logs/audited.ts'
import { listPermissionsOfRole } from './lists.ts'
import { addRequestedPermissions, removeRequestedPermissions } from './requested-changes.ts'
import { requireRole } from './roles.ts'
import { permissionToWire } from './wire.ts'

/** The permissions of a role. Adding a permission twice succeeds, and so does removing one that the role does not have. */
export function rolePermissionRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['roles']
  const params = z.object({ id: z.string().max(100) })
  const url = '/roles/:id/permissions'

  app.get(
    url,
    {
      config: { scope: ['read:roles'] },
      schema: {
        tags,
        summary: 'List the permissions of a role',
        params,
        querystring: pageQuery,
        response: { 200: listOf('permissions', rolePermission) },
      },
    },
    async ({ params: { id }, query }) => {
      await requireRole(ctx.store.db, id)
      return paged('permissions', query, listPermissionsOfRole(ctx.store.db, id), permissionToWire)
    },
  )

  app.post(
    url,
    {
      config: { scope: ['update:roles'] },
      schema: {
        tags,
        summary: 'Add permissions to a role',
        params,
        body: permissionRefs,
        response: { 201: emptyObject },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Add permissions to a role', (tx) =>
        addRequestedPermissions(tx, requested(request, request.params.id)),
      )
      return reply.code(201).send({})
    },
  )

  app.delete(
    url,
    {
      config: { scope: ['update:roles'] },
      schema: {
        tags,
        summary: 'Remove permissions from a role',
        params,
        body: permissionRefs,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Remove permissions from a role', (tx) =>
        removeRequestedPermissions(tx, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )
}
