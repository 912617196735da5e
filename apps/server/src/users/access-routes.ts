import {
  effectivePermission,
  effectiveRole,
  emptyObject,
  listOf,
  pageQuery,
  permissionRefs,
  role,
  roleRefs,
  userPermission,
} from '@rolecall/contract'
import { z } from 'zod'
import { requireApi } from '../apis/apis.ts'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited } from '../logs/audited.ts'
import { assignPermissions, assignRoles, unassignPermissions, unassignRoles } from '../roles/assignments.ts'
import { listPermissionsOfUser, listRolesOfUser } from '../roles/lists.ts'
import { keepingAnOwner } from '../roles/owners.ts'
import { requireMayActOn, requireMayAssign, requireMayGrant } from '../roles/privilege.ts'
import { effectivePermissionToWire, refsFromWire, roleToWire, userPermissionToWire } from '../roles/wire.ts'
import { requireUser } from './users.ts'

/** What a user may do: the roles they hold, permissions of their own, and what comes of both. */
export function userAccessRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['users']
  const params = z.object({ id: z.string().min(1).max(300) })

  app.get(
    '/users/:id/roles',
    {
      config: { scope: ['read:users read:roles', 'read:role_members'] },
      schema: {
        tags,
        summary: 'List the roles of a user',
        params,
        querystring: pageQuery,
        response: { 200: listOf('roles', role) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      return paged('roles', query, listRolesOfUser(db, userId), roleToWire)
    },
  )

  app.post(
    '/users/:id/roles',
    {
      config: { scope: ['update:users', 'create:role_members'] },
      schema: {
        tags,
        summary: 'Assign roles to a user',
        params,
        body: roleRefs,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { roles } = request.body
      const { id } = request.params
      await audited(ctx, request, 'Assign roles to a user', async (tx) => {
        await requireMayAssign(tx.db, callerOf(request), roles)
        await assignRoles(tx, id, roles)
        return { result: undefined, after: { user: id, roles } }
      })
      return reply.code(204).send()
    },
  )

  app.delete(
    '/users/:id/roles',
    {
      config: { scope: ['update:users', 'delete:role_members'] },
      schema: {
        tags,
        summary: 'Take roles from a user',
        params,
        body: roleRefs,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { roles } = request.body
      const { id } = request.params
      await audited(ctx, request, 'Take roles from a user', (tx) =>
        keepingAnOwner(tx, async () => {
          await requireUser(tx.db, id)
          await requireMayActOn(tx.db, callerOf(request), id)
          await requireMayAssign(tx.db, callerOf(request), roles)
          await unassignRoles(tx, id, roles)
          return { result: undefined, before: { user: id, roles } }
        }),
      )
      return reply.code(204).send()
    },
  )

  app.get(
    '/users/:id/permissions',
    {
      config: { scope: ['read:users'] },
      schema: {
        tags,
        summary: 'List what a user may do, and through what',
        params,
        querystring: pageQuery,
        response: { 200: listOf('permissions', userPermission) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      return paged('permissions', query, listPermissionsOfUser(db, userId), userPermissionToWire)
    },
  )

  app.post(
    '/users/:id/permissions',
    {
      config: { scope: ['update:users'] },
      schema: {
        tags,
        summary: 'Give permissions to a user directly',
        params,
        body: permissionRefs,
        response: { 201: emptyObject },
      },
    },
    async (request, reply) => {
      const refs = refsFromWire(request.body)
      const { id } = request.params
      await audited(ctx, request, 'Give permissions to a user', async (tx) => {
        await requireMayGrant(tx.db, callerOf(request), refs)
        await assignPermissions(tx, id, refs)
        return { result: undefined, after: { user: id, added: refs } }
      })
      return reply.code(201).send({})
    },
  )

  app.delete(
    '/users/:id/permissions',
    {
      config: { scope: ['update:users'] },
      schema: {
        tags,
        summary: 'Take permissions from a user',
        description: 'Only those given directly; what a role gives stays.',
        params,
        body: permissionRefs,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const refs = refsFromWire(request.body)
      const { id } = request.params
      await audited(ctx, request, 'Take permissions from a user', (tx) =>
        keepingAnOwner(tx, async () => {
          await requireUser(tx.db, id)
          await requireMayActOn(tx.db, callerOf(request), id)
          await requireMayGrant(tx.db, callerOf(request), refs)
          await unassignPermissions(tx, id, refs)
          return { result: undefined, before: { user: id, removed: refs } }
        }),
      )
      return reply.code(204).send()
    },
  )

  app.get(
    '/users/:id/effective-permissions',
    {
      config: { scope: ['read:user_effective_permissions'] },
      schema: {
        tags,
        summary: 'List what a user may do on one API, by either way',
        params,
        querystring: pageQuery.extend({ resource_server_identifier: z.string().min(1).max(600) }),
        response: { 200: listOf('permissions', effectivePermission) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      const api = await requireApi(db, query.resource_server_identifier)
      const list = listPermissionsOfUser(db, userId, api.id)
      return paged('permissions', byCheckpoint(query), list, effectivePermissionToWire)
    },
  )

  app.get(
    '/users/:id/effective-roles',
    {
      config: { scope: ['read:user_effective_roles'] },
      schema: {
        tags,
        summary: 'List the roles of a user and where they come from',
        params,
        querystring: pageQuery,
        response: { 200: listOf('roles', effectiveRole) },
      },
    },
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      return paged(
        'roles',
        byCheckpoint(query),
        listRolesOfUser(db, userId),
        ({ isSystem: _isSystem, ...held }) => ({ ...held, sources: ['direct' as const] }),
      )
    },
  )
}

/** These two lists know only the form with checkpoints. */
const byCheckpoint = <Query extends { take?: number | undefined }>(query: Query) => ({
  ...query,
  take: query.take ?? 50,
})
