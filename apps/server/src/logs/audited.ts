import type { ChangeDescription } from '@rolecall/contract'
import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import type { ApiError } from '../http/api-error.ts'
import { type Caller, callerOf } from '../http/management-app.ts'
import { requireVersion } from '../http/versions.ts'
import { readOneState } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { writeLog } from './log.ts'
import { type ChangedObjects, type LogEntry, namesOf } from './store.ts'

/** A completed change: `result` goes to the caller, `before` and `after` go to the log, without secrets. */
export interface Change<T> {
  result: T
  /** What was changed. The log has the names that these objects have after the change. */
  on: ChangedObjects
  before?: unknown
  after?: unknown
}

/** A change that a caller requests: with the request of its route, or as a part of a list of changes. */
export interface RequestedChange<Body = unknown> {
  caller: Caller
  /** Of the object that is changed, as the path names it; empty for a new object. */
  id: string
  body: Body
}

/** The change of a request to its route. @param id of the object, from the path */
export function requested<Body>(
  request: { caller: Caller | undefined; body: Body },
  id = '',
): RequestedChange<Body> {
  return { caller: callerOf(request), id, body: request.body }
}

/**
 * Opens the transaction of a request that changes something. The change and its log entry (`sapi`) are committed
 * together. A PATCH is rolled back when the version of the object differs from the one in `If-Match`. The answer names
 * the entry in a header.
 * @throws ApiError 412
 */
export function audited<T>(
  ctx: Pick<Context, 'store' | 'clock'>,
  request: FastifyRequest,
  description: ChangeDescription,
  work: (tx: Tx) => Promise<Change<T>>,
): Promise<T> {
  return transaction(ctx, async (tx) => {
    const entry = await entryFor(tx.db, request, tx.now)
    const change = await work(tx)
    if (request.method === 'PATCH') requireVersion(request, change.before)
    request.changeId = await writeChange(tx, request, { ...entry, description }, change)
    return change.result
  })
}

/**
 * As `audited`, for one of the objects that a request changes. `work` returns undefined for an object that needs no
 * change, and then there is no entry.
 * @returns the result, with the id of the entry
 */
export function auditedPart<T>(
  ctx: Pick<Context, 'store' | 'clock'>,
  request: FastifyRequest,
  description: ChangeDescription,
  work: (tx: Tx) => Promise<Change<T> | undefined>,
): Promise<{ result: T; logId: string } | undefined> {
  return transaction(ctx, async (tx) => {
    const entry = await entryFor(tx.db, request, tx.now)
    const change = await work(tx)
    if (change === undefined) return undefined
    return { result: change.result, logId: await writeChange(tx, request, { ...entry, description }, change) }
  })
}

/**
 * Opens the transaction of a list of changes, which reads one state of the store. Lists are made one after the other. Each change that `log` is called with
 * has an entry of its own, which names the references.
 */
export function auditedList<T>(
  ctx: Pick<Context, 'store' | 'clock'>,
  request: FastifyRequest,
  references: Record<string, string>,
  work: (
    tx: Tx,
    log: (description: ChangeDescription, change: Change<unknown>) => Promise<void>,
  ) => Promise<T>,
): Promise<T> {
  return transaction(ctx, async (tx) => {
    await readOneState(tx.db, 'settings')
    const entry = await entryFor(tx.db, request, tx.now)
    return work(tx, async (description, change) => {
      await writeChange(tx, request, { ...entry, description }, change, references)
    })
  })
}

async function writeChange(
  tx: Tx,
  request: FastifyRequest,
  entry: Omit<LogEntry, 'type'>,
  { on, before, after }: Change<unknown>,
  references: Record<string, string> = {},
): Promise<string> {
  const targets = await namesOf(tx.db, on, nameIn(before))
  const details = { ...detailsOf(request, references), before, after }
  return writeLog(tx.db, { ...entry, type: 'sapi', targets, details })
}

/** Logs a refused change (`fapi`): the caller, the request, and the object that it would have changed. */
export async function recordRefusal(
  ctx: Pick<Context, 'store' | 'clock'>,
  request: FastifyRequest,
  { statusCode, message, errorCode, target }: ApiError,
): Promise<void> {
  const { method, routeOptions } = request
  await writeLog(ctx.store.db, {
    ...(await entryFor(ctx.store.db, request, ctx.clock())),
    type: 'fapi',
    description: `${method} ${routeOptions.url ?? ''} refused: ${message}`,
    details: { ...detailsOf(request), response: { statusCode, errorCode }, ...(target && { target }) },
  })
}

/** The name of an object that a change deleted, from its last state. */
function nameIn(before: unknown): string | undefined {
  if (typeof before !== 'object' || before === null) return undefined
  const name: unknown = Reflect.get(before, 'email') || Reflect.get(before, 'name')
  return typeof name === 'string' ? name : undefined
}

async function entryFor(
  db: Db,
  { caller, headers, ip }: FastifyRequest,
  date: number,
): Promise<Omit<LogEntry, 'type' | 'description'>> {
  const { userId, clientId } = caller ?? {}
  const names = await namesOf(
    db,
    { ...(userId && { user: userId }), ...(clientId && { client: clientId }) },
    undefined,
  )
  return {
    date,
    clientId,
    clientName: names.find(({ type }) => type === 'client')?.name,
    userId,
    userName: names.find(({ type }) => type === 'user')?.name,
    ip,
    userAgent: headers['user-agent'],
  }
}

const maxCorrelationIdLength = 64

function detailsOf(request: FastifyRequest, others: Record<string, string> = {}): Record<string, unknown> {
  const correlationId = request.headers['x-correlation-id']
  const references = {
    ...(typeof correlationId === 'string' && {
      correlation_id: correlationId.slice(0, maxCorrelationIdLength),
    }),
    ...others,
  }
  return {
    request: { id: request.id, method: request.method, path: request.url.split('?', 1)[0] },
    ...(Object.keys(references).length > 0 && { references }),
  }
}
