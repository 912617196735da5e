import multipart from '@fastify/multipart'
import { job } from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import { requireConnection, requireDatabase } from '../connections/connections.ts'
import type { Context } from '../context.ts'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { ApiError, invalidBody } from '../http/api-error.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { createImportRunner } from './import-runner.ts'
import { maxFileBytes, receiveUsers } from './import-upload.ts'
import { newJob } from './jobs.ts'
import { closeImport, insertJob, type Job, maxActiveImports, openImport, startImport } from './store.ts'
import { jobToWire } from './wire.ts'

/** The only route that takes a file. The import continues after the response, and after a restart. */
export async function importRoutes(app: ManagementApp, ctx: Context): Promise<void> {
  await app.register(multipart, {
    limits: {
      fileSize: maxFileBytes,
      files: 1,
      fields: 10,
      fieldSize: 1_000,
      fieldNameSize: 100,
      parts: 12,
    },
  })
  const runner = createImportRunner(ctx, (error) =>
    app.log.error({ err: error }, 'a user import has a problem'),
  )
  app.addHook('onReady', async () => void runner.run())
  app.addHook('onClose', () => runner.close())

  app.post(
    '/jobs/users-imports',
    {
      config: { scope: ['create:users'], hasLargeBody: true },
      schema: {
        tags: ['jobs'],
        summary: 'Import users from a file',
        description:
          'multipart/form-data: the file `users` (a JSON array or lines of JSON, also compressed with gzip, at most 200 MB) and the fields `connection_id`, `upsert`, `external_id`, `send_completion_email`.',
        response: { 202: job },
      },
    },
    async (request, reply) => {
      if (!request.isMultipart())
        throw invalidBody("'The body must be multipart/form-data' on property users.")
      const made = newJob('users_import', 'pending', ctx.clock(), {})
      const upload = { jobId: made.id, holder: randomAlphanumeric(16) }
      if (!(await openImport(ctx.store.db, upload, ctx.clock())))
        throw new ApiError(
          429,
          `There are ${maxActiveImports} active import users jobs, please wait until some of them are finished and try again`,
          'too_many_requests',
        )
      const started = await receive(request, made, upload).catch(async (error: unknown) => {
        await closeImport(ctx.store.db, made.id)
        throw error
      })
      setImmediate(() => void runner.run())
      return reply.code(202).send(jobToWire(ctx, started))
    },
  )

  async function receive(
    request: FastifyRequest,
    made: Job,
    upload: { jobId: string; holder: string },
  ): Promise<Job> {
    const { fields, total } = await receiveUsers(ctx, request, upload)
    const { connection_id, external_id } = fields
    const upsert = fields.upsert === 'true'
    const sendCompletionEmail = fields.send_completion_email !== 'false'
    const connection = await requireConnection(ctx.store.db, connection_id)
    requireDatabase(connection, 'An import')
    const { scopes, ...caller } = callerOf(request)
    return audited(ctx, request, 'Import users', async (tx) => {
      const started: Job = {
        ...made,
        data: {
          connectionId: connection_id,
          ...(external_id !== undefined && { externalId: external_id }),
          upsert,
          sendCompletionEmail,
          percentageDone: 0,
          summary: { total, inserted: 0, updated: 0, failed: 0 },
        },
      }
      await insertJob(tx.db, started)
      const settings = {
        connectionId: connection_id,
        upsert,
        sendCompletionEmail,
        caller: { ...caller, scopes: [...scopes] },
      }
      if (!(await startImport(tx.db, made.id, settings)))
        throw invalidBody("'The upload took too long' on property users.")
      return {
        result: started,
        on: { connection: connection_id },
        after: { job_id: made.id, connection: connection.name, users: total, upsert },
      }
    })
  }
}
