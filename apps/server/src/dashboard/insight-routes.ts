import { directHolder, heldRole, listOf, pageQuery, refusalTypes, roleCount } from '@rolecall/contract'
import { z } from 'zod'
import { requireApi } from '../apis/apis.ts'
import { countGranted } from '../applications/store.ts'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { countByHour, msPerHour } from '../logs/store.ts'
import { countHolders, countLosers, listDirectHolders, rolesHolding } from '../roles/impact.ts'
import { countsOfRoles, rolesOfUsers } from '../roles/lists.ts'
import { requireRole } from '../roles/roles.ts'

const tags = ['rolecall']
const hours = 24
const logIns = ['s']
const id = z.string().min(1).max(600)
/** Ids of one page of a list. */
const ids = z
  .string()
  .regex(/^[^,]{1,300}(,[^,]{1,300}){0,99}$/, 'must be at most 100 ids separated by commas')
  .describe('Ids separated by commas')

/** Aggregates for the dashboard that Auth0's API does not have: one request instead of hundreds. */
export function insightRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store

  app.get(
    '/rolecall/role-permissions',
    {
      config: { scope: ['read:roles read:resource_servers'] },
      schema: {
        tags,
        summary: 'List which roles hold which permissions of an API',
        querystring: z.object({ api: id }),
        response: { 200: z.array(z.object({ role_id: z.string(), permission_name: z.string() })) },
      },
    },
    async ({ query }) => rolesHolding(db, (await requireApi(db, query.api)).id),
  )

  app.get(
    '/rolecall/role-counts',
    {
      config: { scope: ['read:roles'] },
      schema: {
        tags,
        summary: 'Count the users and the permissions of roles',
        querystring: z.object({ roles: ids }),
        response: { 200: z.array(roleCount) },
      },
    },
    async ({ query }) =>
      (await countsOfRoles(db, query.roles.split(','))).map(({ roleId, users, permissions }) => ({
        role_id: roleId,
        users,
        permissions,
      })),
  )

  app.get(
    '/rolecall/user-roles',
    {
      config: { scope: ['read:users read:roles'] },
      schema: {
        tags,
        summary: 'List the roles of users',
        querystring: z.object({ users: ids }),
        response: { 200: z.array(heldRole) },
      },
    },
    ({ query }) => rolesOfUsers(db, query.users.split(',')),
  )

  app.get(
    '/rolecall/direct-holders',
    {
      config: { scope: ['read:users read:resource_servers'] },
      schema: {
        tags,
        summary: 'List the users who hold permissions of an API without a role',
        querystring: pageQuery.extend({ api: id }),
        response: { 200: listOf('holders', directHolder) },
      },
    },
    async ({ query }) => {
      const api = await requireApi(db, query.api)
      return paged('holders', query, listDirectHolders(db, api.id), ({ userId, email, permission }) => ({
        user_id: userId,
        email,
        permission_name: permission,
      }))
    },
  )

  app.get(
    '/rolecall/impact',
    {
      config: { scope: ['read:roles read:resource_servers'] },
      schema: {
        tags,
        summary: 'Count who would lose something, before it is removed',
        description:
          'Of an API or one of its permissions: who holds it. Of a role, or a permission within it: who holds nothing else that gives the same.',
        querystring: z.object({ api: id.optional(), role: id.optional(), permission: id.optional() }),
        response: {
          200: z.object({ users: z.int(), roles: z.int(), direct: z.int(), applications: z.int() }),
        },
      },
    },
    async ({ query: { api, role, permission } }) => {
      const apiId = api === undefined ? undefined : (await requireApi(db, api)).id
      const none = { users: 0, roles: 0, direct: 0, applications: 0 }
      if (role !== undefined) {
        const { id: roleId } = await requireRole(db, role)
        const removed = { ...(apiId !== undefined && { apiId }), permission }
        return { ...none, users: await countLosers(db, roleId, removed) }
      }
      if (apiId === undefined) return none
      const removed = { apiId, permission }
      return { ...(await countHolders(db, removed)), applications: await countGranted(db, removed) }
    },
  )

  app.get(
    '/rolecall/log-counts',
    {
      config: { scope: ['read:logs'] },
      schema: {
        tags,
        summary: 'Count log-ins and refusals of the last 24 hours, by hour',
        response: {
          200: z.array(z.object({ hour: z.string(), logins: z.int(), refusals: z.int() })),
        },
      },
    },
    async () => {
      const last = Math.floor(ctx.clock() / msPerHour)
      const counts = await countByHour(db, last - hours + 1, last, [...logIns, ...refusalTypes])
      const sum = (hour: number, types: readonly string[]) =>
        counts
          .filter((row) => row.hour === hour && types.includes(row.type))
          .reduce((total, { count }) => total + count, 0)
      return Array.from({ length: hours }, (_, index) => {
        const hour = last - hours + 1 + index
        return {
          hour: new Date(hour * msPerHour).toISOString(),
          logins: sum(hour, logIns),
          refusals: sum(hour, refusalTypes),
        }
      })
    },
  )
}
