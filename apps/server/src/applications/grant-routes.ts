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
import { type Caller, callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited } from '../logs/audited.ts'
import { requireHeld } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { grantAccess, requireGrant, revokeGrant, updateGrant } from './grants.ts'
import { listGrants } from './lists.ts'
import { requireMayActOnApplication } from './privilege.ts'
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
      const created = await audited(ctx, request, 'Create a client grant', async (tx) => {
        const target = { type: 'client', id: request.body.client_id } as const
        const { grant, api } = await grantAccess(tx, request.body, ({ isSystem }, scopes) => {
          if (isSystem) requireHeld(callerOf(request), scopes, target)
        })
        const result = grantToWire(grant, api.identifier)
        return { result, on: { client: grant.clientId, api: api.id }, after: result }
      })
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
      audited(ctx, request, 'Update a client grant', async (tx) => {
        await requireMayActOnGrant(tx.db, callerOf(request), request.params.id)
        const changed = await updateGrant(tx, request.params.id, request.body, ({ isSystem }, scopes) => {
          const target = { type: 'client_grant', id: request.params.id } as const
          if (isSystem) requireHeld(callerOf(request), scopes, target)
        })
        const result = grantToWire(changed.after, changed.api.identifier)
        return {
          result,
          on: { client: changed.after.clientId, api: changed.api.id },
          before: grantToWire(changed.before, changed.api.identifier),
          after: result,
        }
      }),
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
      await audited(ctx, request, 'Delete a client grant', async (tx) => {
        await requireMayActOnGrant(tx.db, callerOf(request), request.params.id)
        const revoked = await revokeGrant(tx, request.params.id)
        return {
          result: undefined,
          on: { client: revoked.clientId, api: revoked.apiId },
          before: grantToWire(revoked, (await apiIdentifiers(tx.db)).get(revoked.apiId) ?? ''),
        }
      })
      return reply.code(204).send()
    },
  )
}

/** The privilege rule covers every grant of an application, also on other APIs. */
async function requireMayActOnGrant(db: Db, caller: Caller, id: string): Promise<void> {
  const grant = await requireGrant(db, id)
  await requireMayActOnApplication(db, caller, grant.clientId)
}
