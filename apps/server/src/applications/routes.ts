import {
  client,
  clientCreate,
  clientListQuery,
  clientUpdate,
  clientWithSecret,
  connection,
  fieldsQuery,
  listOf,
  pageQuery,
} from '@rolecall/contract'
import { z } from 'zod'
import { listConnections } from '../connections/lists.ts'
import { connectionPresenter } from '../connections/wire.ts'
import type { Context } from '../context.ts'
import { type Caller, callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged, pickFields } from '../http/paging.ts'
import { audited, requested } from '../logs/audited.ts'
import { requireApplication } from './applications.ts'
import { credentialRoutes } from './credential-routes.ts'
import { listApplications } from './lists.ts'
import {
  createRequestedApplication,
  deleteRequestedApplication,
  updateRequestedApplication,
} from './requested-changes.ts'
import { secretRoutes } from './secret-routes.ts'
import type { Application } from './store.ts'
import { applicationToWire } from './wire.ts'

/**
 * Applications, `/clients` on the wire. A secret is in one response only: that of POST or of `/rotate-secret`. System
 * objects can be read and not changed; `is_global=false`, which configuration tools send, leaves them out. Public keys are in `credential-routes.ts`, grants in `grant-routes.ts`.
 */
export function applicationRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['clients']
  const reading = ['read:clients', 'read:client_keys', 'read:client_summary'] as const
  const idParams = z.object({ id: z.string().min(1).max(128) })

  app.get(
    '/clients',
    {
      config: { scope: reading },
      schema: {
        tags,
        summary: 'List applications',
        querystring: clientListQuery,
        response: { 200: listOf('clients', client.partial()) },
      },
    },
    async (request) => {
      const { query } = request
      const filter = {
        ...(query.is_global === 'true' && { isGlobal: true }),
        ...(query.is_global === 'false' && { isGlobal: false, isSystem: false }),
        ...(query.is_first_party && { isFirstParty: query.is_first_party === 'true' }),
        ...(query.app_type && { appTypes: query.app_type.split(',') }),
        text: query.search,
      }
      const present = presenter(callerOf(request))
      return paged(
        'clients',
        query,
        listApplications(db, filter),
        (application) => pickFields(present(application), query),
        true,
      )
    },
  )

  app.get(
    '/clients/:id',
    {
      config: { scope: reading },
      schema: {
        tags,
        summary: 'Get an application',
        params: idParams,
        querystring: fieldsQuery,
        response: { 200: client.partial() },
      },
    },
    async (request) => {
      const application = await requireApplication(db, request.params.id)
      return pickFields(presenter(callerOf(request))(application), request.query)
    },
  )

  app.post(
    '/clients',
    {
      config: { scope: ['create:clients'] },
      schema: {
        tags,
        summary: 'Create an application',
        body: clientCreate,
        response: { 201: clientWithSecret },
      },
    },
    async (request, reply) => {
      const created = await audited(ctx, request, 'Create a client', (tx) =>
        createRequestedApplication(tx, requested(request)),
      )
      return reply.code(201).send({
        ...applicationToWire(created.application),
        ...(created.clientSecret && { client_secret: created.clientSecret }),
      })
    },
  )

  app.patch(
    '/clients/:id',
    {
      config: { scope: ['update:clients', 'update:client_keys'] },
      schema: {
        tags,
        summary: 'Update an application',
        params: idParams,
        body: clientUpdate,
        response: { 200: client },
      },
    },
    (request) =>
      audited(ctx, request, 'Update a client', (tx) =>
        updateRequestedApplication(tx, requested(request, request.params.id)),
      ),
  )

  app.delete(
    '/clients/:id',
    {
      config: { scope: ['delete:clients'] },
      schema: { tags, summary: 'Delete an application', params: idParams, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete a client', (tx) =>
        deleteRequestedApplication(tx, requested(request, request.params.id)),
      )
      return reply.code(204).send()
    },
  )

  app.get(
    '/clients/:id/connections',
    {
      config: { scope: ['read:connections', 'read:clients'] },
      schema: {
        tags,
        summary: "List an application's connections",
        params: idParams,
        querystring: pageQuery,
        response: { 200: listOf('connections', connection) },
      },
    },
    async ({ params, query }) => {
      const { clientId } = await requireApplication(db, params.id)
      const shown = await connectionPresenter(db)
      return paged('connections', query, listConnections(db, { clientId }), shown)
    },
  )

  secretRoutes(app, ctx)
  credentialRoutes(app, ctx)
}

const summary = ['client_id', 'name', 'app_type', 'logo_uri', 'is_first_party', 'global', 'is_system'].join(
  ',',
)

/** A caller with only `read:client_summary` sees the names of applications and not their settings. */
function presenter({ scopes }: Caller) {
  const whole = scopes.has('read:clients') || scopes.has('read:client_keys')
  return (application: Application) =>
    whole ? applicationToWire(application) : pickFields(applicationToWire(application), { fields: summary })
}
