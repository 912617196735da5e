import {
  emptyObject,
  listOf,
  pageQuery,
  role,
  roleCreate,
  roleListQuery,
  roleUpdate,
  roleUser,
  userRefs,
} from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited, requested } from '../logs/audited.ts'
import { listMembers, listRoles } from './lists.ts'
import {
  assignRequestedUsers,
  createRequestedRole,
  deleteRequestedRole,
  updateRequestedRole,
} from './requested-changes.ts'
import { requireRole } from './roles.ts'
import { memberToWire, roleOrderFromWire, roleToWire } from './wire.ts'

/**
 * Roles: named sets of permissions that are assigned to users. The permissions of a role are in
 * `role-permissions-routes.ts`.
 */
export function roleRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['roles']
  const params = z.object({ id: z.string().max(100) })

  app.get(
    '/roles',
    {
      config: { scope: ['read:roles'] },
      schema: {
        tags,
        summary: 'List roles',
        querystring: roleListQuery,
        response: { 200: listOf('roles', role) },
      },
    },
    ({ query }) => {
      const { type, name_filter: name, search: text } = query
      const isSystem = type && type === 'system'
      if (type === 'organization') return paged('roles', query, none, roleToWire)
      const sort = roleOrderFromWire(query.sort)
      return paged('roles', query, listRoles(ctx.store.db, { name, isSystem, text, sort }), roleToWire)
    },
  )

  app.get(
    '/roles/:id',
    {
      config: { scope: ['read:roles'] },
      schema: { tags, summary: 'Get a role', params, response: { 200: role } },
    },
    async ({ params: { id } }) => roleToWire(await requireRole(ctx.store.db, id)),
  )

  app.post(
    '/roles',
    {
      config: { scope: ['create:roles'] },
      // Auth0 answers 200 instead of 201, and its tools expect that.
      schema: { tags, summary: 'Create a role', body: roleCreate, response: { 200: role } },
    },
    (request) => audited(ctx, request, 'Create a role', (tx) => createRequestedRole(tx, requested(request))),
  )

  app.patch(
    '/roles/:id',
    {
      config: { scope: ['update:roles'] },
      schema: { tags, summary: 'Update a role', params, body: roleUpdate, response: { 200: role } },
    },
    (request) =>
      audited(ctx, request, 'Update a role', (tx) =>
        updateRequestedRole(tx, requested(request, request.params.id)),
      ),
  )

  app.delete(
    '/roles/:id',
    {
      config: { scope: ['delete:roles'] },
      schema: {
        tags,
        summary: 'Delete a role',
        description: 'Unassigns it from all users.',
        params,
        response: { 200: emptyObject },
      },
    },
    (request) =>
      audited(ctx, request, 'Delete a role', (tx) =>
        deleteRequestedRole(tx, requested(request, request.params.id)),
      ),
  )
}

/** Roles of organizations: there are none. */
const none = { slice: async () => [], count: async () => 0, cursor: () => [] }

/** The users of a role. The roles of a user are under `/users/{id}/roles`. */
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
      return paged('users', query, listMembers(ctx.store.db, id), (member) =>
        memberToWire(member, ctx.config.issuer),
      )
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
    (request) =>
      audited(ctx, request, 'Assign users to a role', (tx) =>
        assignRequestedUsers(tx, requested(request, request.params.id)),
      ),
  )
}
