import {
  listOf,
  resourceServer,
  resourceServerCreate,
  resourceServerListQuery,
  resourceServerUpdate,
} from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { audited, requested } from '../logs/audited.ts'
import { requireApi } from './apis.ts'
import { listApis } from './lists.ts'
import { createRequestedApi, deleteRequestedApi, updateRequestedApi } from './requested-changes.ts'
import type { SigningAlg } from './store.ts'
import { toWire } from './wire.ts'

/**
 * APIs and their permissions ("resource servers" and "scopes" on the wire). The permissions of an API are written as a
 * whole list. Deleting one removes it from roles, users and grants.
 */
export function resourceServerRoutes(app: ManagementApp, ctx: Context, keys: KeyRing): void {
  const tags = ['resource-servers']
  const params = z.object({ id: z.string().max(600).describe('Id, or the identifier URL-encoded') })

  /** Before the transaction, and before the first token: the keys are made on the thread pool, and published early. */
  const makeKeysFor = async (alg: SigningAlg | undefined) => {
    if (alg !== undefined && alg !== 'HS256') await keys.require(alg)
  }

  app.get(
    '/resource-servers',
    {
      config: { scope: ['read:resource_servers'] },
      schema: {
        tags,
        summary: 'List APIs',
        querystring: resourceServerListQuery,
        response: { 200: listOf('resource_servers', resourceServer) },
      },
    },
    ({ query }) => {
      const { identifiers, search: text } = query
      const chosen = typeof identifiers === 'string' ? [identifiers] : identifiers
      return paged('resource_servers', query, listApis(ctx.store.db, { identifiers: chosen, text }), (api) =>
        toWire(api),
      )
    },
  )

  app.get(
    '/resource-servers/:id',
    {
      config: { scope: ['read:resource_servers'] },
      schema: { tags, summary: 'Get an API', params, response: { 200: resourceServer } },
    },
    async (request) => {
      const mayChange = callerOf(request).scopes.has('update:resource_servers')
      return toWire(await requireApi(ctx.store.db, request.params.id), mayChange ? ctx.sealer : undefined)
    },
  )

  app.post(
    '/resource-servers',
    {
      config: { scope: ['create:resource_servers'] },
      schema: {
        tags,
        summary: 'Create an API',
        body: resourceServerCreate,
        response: { 201: resourceServer },
      },
    },
    async (request, reply) => {
      await makeKeysFor(request.body.signing_alg)
      const created = await audited(ctx, request, 'Create a resource server', (tx) =>
        createRequestedApi(tx, ctx.sealer, requested(request)),
      )
      return reply.code(201).send(toWire(created, ctx.sealer))
    },
  )

  app.patch(
    '/resource-servers/:id',
    {
      config: { scope: ['update:resource_servers'] },
      schema: {
        tags,
        summary: 'Update an API',
        description:
          '`scopes` replaces the whole list; a scope that is left out is removed from all roles, users and grants.',
        params,
        body: resourceServerUpdate,
        response: { 200: resourceServer },
      },
    },
    async (request) => {
      await makeKeysFor(request.body.signing_alg)
      const updated = await audited(ctx, request, 'Update a resource server', (tx) =>
        updateRequestedApi(tx, ctx.sealer, requested(request, request.params.id)),
      )
      return toWire(updated, ctx.sealer)
    },
  )

  app.delete(
    '/resource-servers/:id',
    {
      config: { scope: ['delete:resource_servers'] },
      schema: { tags, summary: 'Delete an API', params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete a resource server', (tx) =>
        deleteRequestedApi(tx, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )
}
