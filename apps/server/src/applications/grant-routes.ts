import {
  clientGrant,
  clientGrantCreate,
  clientGrantListQuery,
  clientGrantUpdate,
  listOf,
} from '@rolecall/contract'
import { z } from 'zod'
import { apiIdentifiers, findApiByIdentifier } from '../apis/store.ts'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited, requested } from '../logs/audited.ts'
import { requireGrant } from './grants.ts'
import { listGrants } from './lists.ts'
import { createRequestedGrant, deleteRequestedGrant, updateRequestedGrant } from './requested-changes.ts'
import { grantToWire } from './wire.ts'

/** Client grants: the scopes that applications can request from APIs. Callers grant only management scopes that they hold. */
export function grantRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['client-grants']
  const idParams = z.object({ id: z.string().min(1).max(128) })

  app.get(
    '/client-grants',
    {
      config: { scope: ['read:client_grants'] },
      schema: {
        tags,
        summary: 'List client grants',
        querystring: clientGrantListQuery,
        response: { 200: listOf('client_grants', clientGrant) },
      },
    },
    async ({ query }) => {
      const api = query.audience === undefined ? undefined : await findApiByIdentifier(db, query.audience)
      const filter = {
        clientId: query.client_id,
        subjectType: query.subject_type,
        // An audience that does not exist has no grants.
        ...(query.audience !== undefined && { apiId: api?.id ?? '' }),
      }
      const identifiers = await apiIdentifiers(db)
      return paged('client_grants', query, listGrants(db, filter), (grant) =>
        grantToWire(grant, identifiers.get(grant.apiId) ?? ''),
      )
    },
  )

  app.get(
    '/client-grants/:id',
    {
      config: { scope: ['read:client_grants'] },
      schema: { tags, summary: 'Get a client grant', params: idParams, response: { 200: clientGrant } },
    },
    async ({ params }) => {
      const grant = await requireGrant(db, params.id)
      return grantToWire(grant, (await apiIdentifiers(db)).get(grant.apiId) ?? '')
    },
  )

  app.post(
    '/client-grants',
    {
      config: { scope: ['create:client_grants'] },
      schema: {
        tags,
        summary: 'Grant an application access to an API',
        body: clientGrantCreate,
        response: { 201: clientGrant },
      },
    },
    async (request, reply) => {
      const created = await audited(ctx, request, 'Create a client grant', (tx) =>
        createRequestedGrant(tx, requested(request)),
      )
      return reply.code(201).send(created)
    },
  )

  app.patch(
    '/client-grants/:id',
    {
      config: { scope: ['update:client_grants'] },
      schema: {
        tags,
        summary: 'Change a client grant',
        params: idParams,
        body: clientGrantUpdate,
        response: { 200: clientGrant },
      },
    },
    (request) =>
      audited(ctx, request, 'Update a client grant', (tx) =>
        updateRequestedGrant(tx, requested(request, request.params.id)),
      ),
  )

  app.delete(
    '/client-grants/:id',
    {
      config: { scope: ['delete:client_grants'] },
      schema: {
        tags,
        summary: 'Take a client grant away',
        params: idParams,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete a client grant', (tx) =>
        deleteRequestedGrant(tx, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )
}
