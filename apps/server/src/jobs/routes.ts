import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { job, jobError, usersExport, verificationEmail } from '@rolecall/contract'
import { z } from 'zod'
import { mailEmailVerification } from '../accounts/email-verification.ts'
import { requireDatabaseUser } from '../accounts/provider-users.ts'
import { requireConnection } from '../connections/connections.ts'
import { findConnectionById } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { noSuchUser, notFound } from '../http/api-error.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { listUsers } from '../users/lists.ts'
import { findUser } from '../users/store.ts'
import { mapSyntaxErrors, userFilterFromWire } from '../users/wire.ts'
import { newJob, requireJob } from './jobs.ts'
import { insertJob, listJobErrors } from './store.ts'
import { exportLines, opensExport } from './users-export.ts'
import { importRoutes } from './users-import-routes.ts'
import { jobToWire } from './wire.ts'

/** Work that outlives its request: imports and exports of users and, as in Auth0, verification mail. */
export function jobRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['jobs']
  const idParams = z.object({ id: z.string().min(1).max(100) })
  // Encapsulated, so that all other routes refuse multipart bodies.
  void app.register((scoped) => importRoutes(scoped as ManagementApp, ctx))

  app.get(
    '/jobs/:id',
    {
      config: { scope: ['create:users', 'read:users'] },
      schema: { tags, summary: 'Get a job', params: idParams, response: { 200: job } },
    },
    async ({ params }) => jobToWire(ctx, await requireJob(db, params.id)),
  )

  app.get(
    '/jobs/:id/errors',
    {
      config: { scope: ['create:users', 'read:users'] },
      schema: {
        tags,
        summary: 'List what an import could not take',
        params: idParams,
        response: { 200: z.array(jobError), 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = await requireJob(db, request.params.id)
      const errors = await listJobErrors(db, id)
      return errors.length > 0 ? errors : reply.code(204).send()
    },
  )

  app.post(
    '/jobs/users-exports',
    {
      config: { scope: ['read:users'] },
      schema: { tags, summary: 'Export users', body: usersExport, response: { 200: job } },
    },
    async (request) => {
      const { connection_id, format = 'json', limit, fields, filter } = request.body
      if (connection_id !== undefined) await requireConnection(db, connection_id)
      // Refuses a filter before a job exists that could not be carried out.
      if (filter) mapSyntaxErrors(() => listUsers(db, userFilterFromWire(filter)))
      const made = await audited(ctx, request, 'Export users', async (tx) => {
        const created = newJob('users_export', 'completed', tx.now, {
          format,
          percentageDone: 100,
          ...(connection_id !== undefined && { connectionId: connection_id }),
          ...(limit !== undefined && { limit }),
          ...(filter && { filter }),
          ...(fields && {
            fields: fields.map(({ name, export_as }) => ({ name, exportAs: export_as ?? name })),
          }),
        })
        await insertJob(tx.db, created)
        return { result: created, on: {}, after: { job_id: created.id, format } }
      })
      return jobToWire(ctx, made)
    },
  )

  app.get(
    '/rolecall/exports/:id',
    {
      config: { scope: 'public' },
      schema: {
        tags: ['rolecall'],
        summary: 'Fetch an export, by the address that its job gave',
        params: idParams,
        querystring: z.object({ expires: z.coerce.number().int(), signature: z.string().max(100) }),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { expires, signature } = request.query
      if (!opensExport(ctx, id, expires, signature)) throw notFound('This link has expired, or never was one')
      const made = await requireJob(db, id)
      const { connectionId, format } = made.data
      const connection = connectionId === undefined ? undefined : await findConnectionById(db, connectionId)
      if (connectionId !== undefined && !connection) throw notFound('The connection of this export is gone')
      const lines = Readable.from(exportLines(ctx, connection?.name, made))
      return reply
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="${id}.${format ?? 'json'}.gz"`)
        .type('application/gzip')
        .send(lines.compose(createGzip()))
    },
  )

  app.post(
    '/jobs/verification-email',
    {
      config: { scope: ['update:users'] },
      schema: {
        tags,
        summary: 'Mail a user the link that verifies their address',
        body: verificationEmail,
        response: { 201: job },
      },
    },
    async (request, reply) => {
      const { user_id, client_id } = request.body
      const user = await findUser(db, user_id)
      if (!user) throw noSuchUser()
      await requireMayActOn(db, callerOf(request), user.userId)
      await requireDatabaseUser(db, user, 'Verifying an address by mail')
      await mailEmailVerification(ctx, user, { ip: request.ip, clientId: client_id })
      const made = await audited(ctx, request, 'Send a verification email', async (tx) => {
        const created = newJob('verification_email', 'completed', tx.now, {})
        await insertJob(tx.db, created)
        return { result: created, on: { user: user_id }, after: { user_id } }
      })
      return reply.code(201).send(jobToWire(ctx, made))
    },
  )
}
