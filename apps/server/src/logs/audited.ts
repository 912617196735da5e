import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import type { ApiError } from '../http/api-error.ts'
import { requireVersion } from '../http/versions.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { writeLog } from './log.ts'
import type { LogEntry } from './store.ts'

/** A completed change: `result` goes to the caller, `before` and `after` go to the log, without secrets. */
export interface Change<T> {
  result: T
  before?: unknown
  after?: unknown
}

/**
 * Opens the transaction of a request that changes something. The change and its log entry (`sapi`) are committed
 * together. A PATCH is rolled back when the version of the object differs from the one in `If-Match`.
 * @throws ApiError 412
 */
export function audited<T>(
  ctx: Pick<Context, 'store' | 'clock'>,
  request: FastifyRequest,
  description: string,
  work: (tx: Tx) => Promise<Change<T>>,
): Promise<T> {
  return transaction(ctx, async (tx) => {
    const { result, before, after } = await work(tx)
    if (request.method === 'PATCH') requireVersion(request, before)
    await writeLog(tx.db, {
      ...entryFor(request, tx.now),
      type: 'sapi',
      description,
      details: { ...detailsOf(request), before, after },
    })
    return result
  })
}

/** Logs a refused change (`fapi`): the caller, the request, and the object that it would have changed. */
export async function recordRefusal(
  ctx: Pick<Context, 'store' | 'clock'>,
  request: FastifyRequest,
  { statusCode, message, errorCode, target }: ApiError,
): Promise<void> {
  const { method, routeOptions } = request
  await writeLog(ctx.store.db, {
    ...entryFor(request, ctx.clock()),
    type: 'fapi',
    description: `${method} ${routeOptions.url ?? ''} refused: ${message}`,
    details: { ...detailsOf(request), response: { statusCode, errorCode }, ...(target && { target }) },
  })
}

function entryFor(request: FastifyRequest, date: number): Omit<LogEntry, 'type' | 'description'> {
  const { caller, headers } = request
  return {
    date,
    clientId: caller?.clientId,
    userId: caller?.userId,
    ip: request.ip,
    userAgent: headers['user-agent'],
  }
}

const maxCorrelationIdLength = 64

function detailsOf(request: FastifyRequest): Record<string, unknown> {
  const correlationId = request.headers['x-correlation-id']
  return {
    request: { id: request.id, method: request.method, path: request.url.split('?', 1)[0] },
    ...(typeof correlationId === 'string' && {
      references: { correlation_id: correlationId.slice(0, maxCorrelationIdLength) },
    }),
  }
}
