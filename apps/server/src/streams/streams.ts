import type { LogStreamCreate, LogStreamSinkInput, LogStreamUpdate } from '@rolecall/contract'
import type { SealedColumn } from '../crypto/reseal.ts'
import type { Sealer } from '../crypto/sealer.ts'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { conflict, notFound } from '../http/api-error.ts'
import { startOfId } from '../logs/store.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import {
  deleteStream,
  findStream,
  insertStream,
  listStreams,
  lockStream,
  makeDue,
  requestFailure,
  type Stream,
  saveStream,
} from './store.ts'

/** The webhook of a stream. */
export interface Sink {
  url: string
  format: 'JSONLINES' | 'JSONARRAY' | 'JSONOBJECT'
  contentType: string
  /** The header Authorization. */
  authorization?: string
}

/** Each stream reads the log and sends on its own. */
const maxStreams = 10

const noSuchStream = () => notFound('The log stream does not exist', 'inexistent_log_stream')

/** @throws ApiError 404 */
export async function requireStream(db: Db, id: string): Promise<Stream> {
  const stream = await findStream(db, id)
  if (!stream) throw noSuchStream()
  return stream
}

/** @throws ApiError 409 */
export async function createStream(tx: Tx, sealer: Sealer, input: LogStreamCreate): Promise<Stream> {
  if ((await listStreams(tx.db)).length >= maxStreams)
    throw conflict(`There are ${maxStreams} log streams already`, 'too_many_log_streams')
  const id = `lst_${randomAlphanumeric(16)}`
  const stream: Stream = {
    id,
    name: input.name ?? new URL(input.sink.httpEndpoint).host,
    status: input.status ?? 'active',
    filters: input.filters?.map(({ name }) => name) ?? [],
    isPriority: input.isPriority ?? false,
    sealedSink: sealSink(sealer, id, sinkFrom(input.sink)),
    position: startOfId(input.startFrom === undefined ? tx.now : Date.parse(input.startFrom)),
    attempts: 0,
    createdAt: tx.now,
  }
  await insertStream(tx.db, stream)
  return stream
}

/** A change of the webhook or of the status attempts at once what has failed before. @throws ApiError 404 */
export async function updateStream(
  tx: Tx,
  sealer: Sealer,
  id: string,
  input: LogStreamUpdate,
): Promise<{ before: Stream; after: Stream }> {
  const before = await lockStream(tx.db, id)
  if (!before) throw noSuchStream()
  const sealedSink = input.sink && sealSink(sealer, id, sinkFrom(input.sink, openSink(sealer, before)))
  const after: Stream = {
    ...before,
    ...(input.name !== undefined && { name: input.name }),
    ...(input.filters && { filters: input.filters.map(({ name }) => name) }),
    ...(input.isPriority !== undefined && { isPriority: input.isPriority }),
    ...(sealedSink !== undefined && { sealedSink }),
    ...(input.status !== undefined && { status: input.status }),
  }
  const saved = sealedSink !== undefined || input.status !== undefined ? withoutFailures(after) : after
  await saveStream(tx.db, saved)
  return { before, after: saved }
}

/** @throws ApiError 404 */
export async function removeStream(tx: Tx, id: string): Promise<Stream> {
  const stream = await requireStream(tx.db, id)
  await deleteStream(tx.db, id)
  return stream
}

/** Makes the waiting delivery, or a failed one, due now. @throws ApiError 404 */
export async function retryDelivery(tx: Tx, id: string, deliveryId: string | undefined): Promise<void> {
  await requireStream(tx.db, id)
  if (deliveryId === undefined) await makeDue(tx.db, id, tx.now)
  else if (!(await requestFailure(tx.db, id, deliveryId, tx.now)))
    throw notFound('The delivery does not exist', 'inexistent_delivery')
}

export function openSink(sealer: Sealer, { id, sealedSink }: Pick<Stream, 'id' | 'sealedSink'>): Sink {
  const sink: Sink = JSON.parse(sealer.open(sealedSink, placeOf(id)))
  return sink
}

function sealSink(sealer: Sealer, id: string, sink: Sink): string {
  return sealer.seal(JSON.stringify(sink), placeOf(id))
}

const placeOf = (id: string) => `log_streams/${id}/sink`

export const sealedSinks: SealedColumn = {
  table: 'log_streams',
  key: ['id'],
  column: 'sink',
  contextOf: ({ id = '' }) => placeOf(id),
}

/** As after a success. */
export function withoutFailures(stream: Stream): Stream {
  const { failingSince: _since, retryAt: _retryAt, error: _error, ...others } = stream
  return { ...others, attempts: 0 }
}

/**
 * Callers cannot read the credentials. So those that are stored are kept for the server that they were given for alone: a
 * caller who changes the address would receive them otherwise.
 */
function sinkFrom(input: LogStreamSinkInput, before?: Sink): Sink {
  const { httpEndpoint: url, httpContentFormat: format = 'JSONARRAY', httpAuthorization } = input
  const kept = before && new URL(before.url).origin === new URL(url).origin ? before.authorization : undefined
  const authorization = httpAuthorization === undefined ? kept : (httpAuthorization ?? undefined)
  const defaultType = format === 'JSONLINES' ? 'application/x-ndjson' : 'application/json'
  return {
    url,
    format,
    contentType: input.httpContentType ?? defaultType,
    ...(authorization !== undefined && { authorization }),
  }
}
