import multipart from '@fastify/multipart'
import { job, usersImportFields } from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import { requireConnection } from '../connections/changes.ts'
import type { Context } from '../context.ts'
import { ApiError, invalidBody } from '../http/api-error.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { newJob } from './jobs.ts'
import { showJob } from './show.ts'
import { insertJob, saveJob } from './store.ts'
import { importUsers, parseUsersFile } from './users-import.ts'

/** As Auth0 limits it: about 500 kB. */
const largestFileBytes = 512 * 1_024

/** The one route that takes a file. The import goes on after the answer; the server waits for it when it stops. */
export async function importRoutes(app: ManagementApp, ctx: Context): Promise<void> {
  await app.register(multipart, {
    limits: {
      fileSize: largestFileBytes,
      files: 1,
      fields: 10,
      fieldSize: 1_000,
      fieldNameSize: 100,
      parts: 12,
    },
  })
  const running = new Set<Promise<unknown>>()
  app.addHook('onClose', () => Promise.allSettled(running))

  app.post(
    '/jobs/users-imports',
    {
      config: { scope: ['create:users'] },
      schema: {
        tags: ['jobs'],
        summary: 'Import users from a file',
        description:
          'multipart/form-data: the file `users`, a JSON array, and the fields `connection_id`, `upsert`, `external_id`.',
        response: { 202: job },
      },
    },
    async (request, reply) => {
      const { file, fields } = await readForm(request)
      const users = parseUsersFile(file)
      const { connection_id, upsert, external_id } = fields
      const connection = await requireConnection(ctx.store.db, connection_id)
      const started = await audited(ctx, request, 'Import users', async (ctx) => {
        const made = newJob('users_import', 'pending', ctx.clock(), {
          connectionId: connection_id,
          ...(external_id !== undefined && { externalId: external_id }),
        })
        await insertJob(ctx.store.db, made)
        return {
          result: made,
          after: { job_id: made.id, connection: connection.name, users: users.length, upsert },
        }
      })
      const work = {
        connection: connection.name,
        upsert: upsert === 'true',
        caller: callerOf(request),
        users,
      }
      const done = importUsers(ctx, started, work).catch(async (error: unknown) => {
        request.log.error({ err: error }, 'a user import failed')
        await saveJob(ctx.store.db, { ...started, status: 'failed', finishedAt: ctx.clock() })
      })
      running.add(done)
      void done.finally(() => running.delete(done))
      return reply.code(202).send(showJob(ctx, started))
    },
  )
}

/** @throws ApiError 400 for what is no such form, 413 for too large a file */
async function readForm(request: FastifyRequest) {
  if (!request.isMultipart()) throw invalidBody("'The body must be multipart/form-data' on property users.")
  let file: string | undefined
  const values: Record<string, unknown> = {}
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        const content = await part.toBuffer()
        if (part.fieldname === 'users') file = content.toString('utf8')
      } else values[part.fieldname] = part.value
    }
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'statusCode' in cause && cause.statusCode === 413
    throw tooLarge
      ? new ApiError(413, `The file is larger than ${largestFileBytes} bytes`, 'invalid_body')
      : invalidBody("'The form cannot be read' on property users.")
  }
  if (file === undefined) throw invalidBody("'Missing required property: users'")
  const fields = usersImportFields.safeParse(values)
  if (!fields.success) {
    const [issue] = fields.error.issues
    throw invalidBody(`'${issue?.message ?? 'unknown'}' on property ${issue?.path.join('.') ?? ''}.`)
  }
  return { file, fields: fields.data }
}
