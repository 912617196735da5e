import {
  effectivePermission,
  effectiveRole,
  emptyObject,
  listOf,
  pageQuery,
  permissionRefs,
  roleRefs,
  userIdText,
  userPermission,
  userRole,
} from '@rolecall/contract'
import { z } from 'zod'
import { requireApi } from '../apis/apis.ts'
import type { Context } from '../context.ts'
import type { ManagementApp, Scopes } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited, requested } from '../logs/audited.ts'
import { listPermissionsOfUser, listRolesOfUser } from '../roles/lists.ts'
import {
  effectivePermissionToWire,
  effectiveRoleToWire,
  userPermissionToWire,
  userRoleToWire,
} from '../roles/wire.ts'
import {
  assignRequestedRoles,
  giveRequestedPermissions,
  takeRequestedPermissions,
  unassignRequestedRoles,
} from './requested-changes.ts'
import { requireUser } from './users.ts'

const params = z.object({ id: userIdText })

/** A list of what the user has. */
const list = <Query extends z.ZodType, Answer extends z.ZodType>(
  scope: Scopes,
  summary: string,
  querystring: Query,
  answer: Answer,
) => ({
  config: { scope },
  schema: { tags: ['users'], summary, params, querystring, response: { 200: answer } },
})

/** A change of what the user has: the body names what is added or removed. */
const change = <Body extends z.ZodType, Status extends number, Answer extends z.ZodType>(
  scope: Scopes,
  summary: string,
  body: Body,
  response: Record<Status, Answer>,
  description?: string,
) => ({
  config: { scope },
  schema: { tags: ['users'], summary, ...(description && { description }), params, body, response },
})

const noContent = { 204: z.undefined() }

/** What a user may do: the roles of the user, permissions given directly, and the result of both. */
export function userAccessRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store

  app.get(
    '/users/:id/roles',
    list(
      ['read:users read:roles', 'read:role_members'],
      'List the roles of a user',
      pageQuery,
      listOf('roles', userRole),
    ),
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      return paged('roles', query, listRolesOfUser(db, userId), userRoleToWire)
    },
  )

  app.post(
    '/users/:id/roles',
    change(['update:users', 'create:role_members'], 'Assign roles to a user', roleRefs, noContent),
    async (request, reply) => {
      await audited(ctx, request, 'Assign roles to a user', (tx) =>
        assignRequestedRoles(tx, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )

  app.delete(
    '/users/:id/roles',
    change(['update:users', 'delete:role_members'], 'Take roles from a user', roleRefs, noContent),
    async (request, reply) => {
      await audited(ctx, request, 'Take roles from a user', (tx) =>
        unassignRequestedRoles(tx, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )

  app.get(
    '/users/:id/permissions',
    list(
      ['read:users'],
      'List what a user may do, and through what',
      pageQuery,
      listOf('permissions', userPermission),
    ),
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      return paged('permissions', query, listPermissionsOfUser(db, userId), userPermissionToWire)
    },
  )

  app.post(
    '/users/:id/permissions',
    change(['update:users'], 'Give permissions to a user directly', permissionRefs, { 201: emptyObject }),
    async (request, reply) => {
      await audited(ctx, request, 'Give permissions to a user', (tx) =>
        giveRequestedPermissions(tx, requested(request, request.params.id)),
      )
      return reply.code(201).send({})
    },
  )

  app.delete(
    '/users/:id/permissions',
    change(
      ['update:users'],
      'Take permissions from a user',
      permissionRefs,
      noContent,
      'Only those given directly; what a role gives stays.',
    ),
    async (request, reply) => {
      await audited(ctx, request, 'Take permissions from a user', (tx) =>
        takeRequestedPermissions(tx, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )

  app.get(
    '/users/:id/effective-permissions',
    list(
      ['read:user_effective_permissions'],
      'List what a user may do on one API, by either way',
      pageQuery.extend({ resource_server_identifier: z.string().min(1).max(600) }),
      listOf('permissions', effectivePermission),
    ),
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      const api = await requireApi(db, query.resource_server_identifier)
      const permissions = listPermissionsOfUser(db, userId, api.id)
      return paged('permissions', byCheckpoint(query), permissions, effectivePermissionToWire)
    },
  )

  app.get(
    '/users/:id/effective-roles',
    list(
      ['read:user_effective_roles'],
      'List the roles of a user and where they come from',
      pageQuery,
      listOf('roles', effectiveRole),
    ),
    async ({ params: { id }, query }) => {
      const { userId } = await requireUser(db, id)
      return paged('roles', byCheckpoint(query), listRolesOfUser(db, userId), effectiveRoleToWire)
    },
  )
}

/** These two lists are paged by checkpoint only. */
const byCheckpoint = <Query extends { take?: number | undefined }>(query: Query) => ({
  ...query,
  take: query.take ?? 50,
})
