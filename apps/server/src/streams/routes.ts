import {
  logStream,
  logStreamCreate,
  logStreamDeliveries,
  logStreamRetry,
  logStreamUpdate,
} from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { listFailures, listStreams, type Stream } from './store.ts'
import {
  createStream,
  openSink,
  removeStream,
  requireStream,
  retryDelivery,
  updateStream,
} from './streams.ts'
import { deliveriesToWire, streamToWire } from './wire.ts'

/** Failed deliveries that are shown. */
const maxFailures = 100

/**
 * Streams of the log to webhooks. A stream shows the log to its receiver, so a caller who makes one or changes its address
 * needs `read:logs` too.
 */
export function logStreamRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['log-streams']
  const params = z.object({ id: z.string().min(1).max(100) })
  const toWire = (stream: Stream) => streamToWire(stream, openSink(ctx.sealer, stream))

  app.get(
    '/log-streams',
    {
      config: { scope: ['read:log_streams'] },
      schema: { tags, summary: 'List log streams', response: { 200: z.array(logStream) } },
    },
    async () => (await listStreams(db)).map(toWire),
  )

  app.post(
    '/log-streams',
    {
      config: { scope: ['create:log_streams read:logs'] },
      schema: {
        tags,
        summary: 'Create a log stream',
        description: 'Each entry is delivered at least once, in the order of the log.',
        body: logStreamCreate,
        response: { 201: logStream },
      },
    },
    async (request, reply) => {
      const created = await audited(ctx, request, 'Create a log stream', async (tx) => {
        const stream = toWire(await createStream(tx, ctx.sealer, request.body))
        return { result: stream, on: {}, after: stream }
      })
      return reply.code(201).send(created)
    },
  )

  app.get(
    '/log-streams/:id',
    {
      config: { scope: ['read:log_streams'] },
      schema: { tags, summary: 'Get a log stream', params, response: { 200: logStream } },
    },
    async ({ params: { id } }) => toWire(await requireStream(db, id)),
  )

  app.patch(
    '/log-streams/:id',
    {
      config: { scope: ['update:log_streams read:logs'] },
      schema: {
        tags,
        summary: 'Update a log stream',
        description:
          '`sink` is replaced as a whole. A stream that was suspended goes on with status `active`.',
        params,
        body: logStreamUpdate,
        response: { 200: logStream },
      },
    },
    (request) =>
      audited(ctx, request, 'Update a log stream', async (tx) => {
        const changed = await updateStream(tx, ctx.sealer, request.params.id, request.body)
        const [before, after] = [toWire(changed.before), toWire(changed.after)]
        return { result: after, on: {}, before, after }
      }),
  )

  app.delete(
    '/log-streams/:id',
    {
      config: { scope: ['delete:log_streams'] },
      schema: { tags, summary: 'Delete a log stream', params, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete a log stream', async (tx) => ({
        result: undefined,
        on: {},
        before: toWire(await removeStream(tx, request.params.id)),
      }))
      return reply.code(204).send()
    },
  )

  app.get(
    '/rolecall/log-streams/:id/deliveries',
    {
      config: { scope: ['read:log_streams'] },
      schema: {
        tags: ['rolecall'],
        summary: 'Show how the deliveries of a log stream fare',
        params,
        response: { 200: logStreamDeliveries },
      },
    },
    async ({ params: { id } }) => {
      const stream = await requireStream(db, id)
      return deliveriesToWire(stream, openSink(ctx.sealer, stream), await listFailures(db, id, maxFailures))
    },
  )

  app.post(
    '/rolecall/log-streams/:id/retry',
    {
      config: { scope: ['update:log_streams read:logs'] },
      schema: {
        tags: ['rolecall'],
        summary: 'Send a delivery of a log stream again',
        params,
        body: logStreamRetry,
        response: { 202: z.object({}) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await audited(ctx, request, 'Retry a delivery of a log stream', async (tx) => {
        await retryDelivery(tx, id, request.body.delivery_id)
        return { result: undefined, on: {}, after: { id, ...request.body } }
      })
      return reply.code(202).send({})
    },
  )
}
