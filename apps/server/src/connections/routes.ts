import {
  connection,
  connectionClient,
  connectionClientsUpdate,
  connectionCreate,
  connectionListQuery,
  connectionUpdate,
  fieldsQuery,
  listOf,
  pageQuery,
} from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged, pickFields } from '../http/paging.ts'
import { audited, requested } from '../logs/audited.ts'
import { enableOrDisableApplications, requireConnection } from './connections.ts'
import { listConnections, listEnabledApplications } from './lists.ts'
import {
  createRequestedConnection,
  deleteRequestedConnection,
  type OtherRules,
  requireMayEnableFor,
  updateRequestedConnection,
} from './requested-changes.ts'
import { connectionPresenter } from './wire.ts'

/**
 * Databases of users, and the applications that are enabled on them. A connection with users cannot be deleted.
 */
export function connectionRoutes(app: ManagementApp, ctx: Context, rules: OtherRules): void {
  const { db } = ctx.store
  const tags = ['connections']
  const idParams = z.object({ id: z.string().min(1).max(128) })

  app.get(
    '/connections',
    {
      config: { scope: ['read:connections'] },
      schema: {
        tags,
        summary: 'List connections',
        querystring: connectionListQuery,
        response: { 200: listOf('connections', connection.partial()) },
      },
    },
    async ({ query }) => {
      const { name, strategy } = query
      const strategies = typeof strategy === 'string' ? [strategy] : strategy
      const show = await connectionPresenter(db)
      return paged('connections', query, listConnections(db, { name, strategies }), (item) =>
        pickFields(show(item), query),
      )
    },
  )

  app.get(
    '/connections/:id',
    {
      config: { scope: ['read:connections'] },
      schema: {
        tags,
        summary: 'Get a connection',
        params: idParams,
        querystring: fieldsQuery,
        response: { 200: connection.partial() },
      },
    },
    async ({ params, query }) => {
      const found = await requireConnection(db, params.id)
      return pickFields((await connectionPresenter(db))(found), query)
    },
  )

  app.post(
    '/connections',
    {
      config: { scope: ['create:connections'] },
      schema: { tags, summary: 'Create a connection', body: connectionCreate, response: { 201: connection } },
    },
    async (request, reply) => {
      const created = await audited(ctx, request, 'Create a connection', (tx) =>
        createRequestedConnection(tx, ctx, rules, requested(request)),
      )
      return reply.code(201).send(created)
    },
  )

  app.patch(
    '/connections/:id',
    {
      config: { scope: ['update:connections'] },
      schema: {
        tags,
        summary: 'Update a connection',
        description: '`options` replaces the whole object.',
        params: idParams,
        body: connectionUpdate,
        response: { 200: connection },
      },
    },
    (request) =>
      audited(ctx, request, 'Update a connection', (tx) =>
        updateRequestedConnection(tx, ctx, rules, requested(request, request.params.id)),
      ),
  )

  app.delete(
    '/connections/:id',
    {
      config: { scope: ['delete:connections'] },
      schema: {
        tags,
        summary: 'Delete a connection without users',
        params: idParams,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete a connection', (tx) =>
        deleteRequestedConnection(tx, rules, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )

  app.get(
    '/connections/:id/clients',
    {
      config: { scope: ['read:connections'] },
      schema: {
        tags,
        summary: 'List the applications that a connection is enabled for',
        params: idParams,
        querystring: pageQuery,
        response: { 200: listOf('clients', connectionClient) },
      },
    },
    async ({ params, query }) => {
      const { id } = await requireConnection(db, params.id)
      // Auth0 pages this list by checkpoint only.
      const byCheckpoint = query.per_page || query.include_totals ? query : { take: 50, ...query }
      return paged('clients', byCheckpoint, listEnabledApplications(db, id), (client_id) => ({ client_id }))
    },
  )

  app.patch(
    '/connections/:id/clients',
    {
      config: { scope: ['update:connections'] },
      schema: {
        tags,
        summary: 'Enable and disable applications',
        params: idParams,
        body: connectionClientsUpdate,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, "Update a connection's clients", async (tx) => {
        const requireMayEnable = requireMayEnableFor(rules, callerOf(request))
        await enableOrDisableApplications(tx, request.params.id, request.body, requireMayEnable)
        const client = request.body.map(({ client_id }) => client_id)
        return { result: undefined, on: { connection: request.params.id, client }, after: request.body }
      })
      return reply.code(204).send()
    },
  )
}
