import type { LogCategory, LogStream } from '@rolecall/contract'
import type { Selectable } from 'kysely'
import type { LogStreamFailuresTable, LogStreamsTable } from '../store/schema.ts'
import { lockRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** A stream of the log to a webhook. Times are epoch milliseconds. */
export interface Stream {
  id: string
  name: string
  status: LogStream['status']
  filters: LogCategory[]
  isPriority: boolean
  /** The webhook with its credentials, sealed. */
  sealedSink: string
  /** The id of the last log entry that needs no delivery any more. */
  position: string
  deliveredAt?: number
  /** Failed attempts of the delivery after `position`. */
  attempts: number
  failingSince?: number
  /** The time of the next attempt after a failed one. */
  retryAt?: number
  error?: string
  createdAt: number
}

/** Entries that the receiver refused. They are read from the log when they are sent again. */
export interface FailedDelivery {
  id: string
  streamId: string
  firstLogId: string
  lastLogId: string
  entries: number
  error: string
  failedAt: number
  isRequested: boolean
}

export async function listStreams(db: Db): Promise<Stream[]> {
  const rows = await db.selectFrom('log_streams').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.map(fromRow)
}

export async function findStream(db: Db, id: string): Promise<Stream | undefined> {
  const row = await db.selectFrom('log_streams').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** As `findStream`, and locks the row until the transaction ends. */
export async function lockStream(tx: Db, id: string): Promise<Stream | undefined> {
  const query = tx.selectFrom('log_streams').selectAll().where('id', '=', id)
  const row = await lockRows(tx, query).executeTakeFirst()
  return row && fromRow(row)
}

export async function insertStream(tx: Db, stream: Stream): Promise<void> {
  await tx
    .insertInto('log_streams')
    .values({
      ...toRow(stream),
      id: stream.id,
      position: stream.position,
      delivered_at: null,
      holder: null,
      lease_until: 0,
      created_at: stream.createdAt,
    })
    .execute()
}

/** Saves all but the position and the claim. The row must be locked: the server that delivers writes it too. */
export async function saveStream(tx: Db, stream: Stream): Promise<void> {
  await tx.updateTable('log_streams').set(toRow(stream)).where('id', '=', stream.id).execute()
}

export async function deleteStream(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('log_streams').where('id', '=', id).execute()
}

/** Claims a stream, so that one server sends at a time. @returns its state, or undefined when another server has it */
export async function claimStream(
  db: Db,
  id: string,
  { holder, expired, until }: { holder: string; expired: number; until: number },
): Promise<Stream | undefined> {
  const row = await db
    .updateTable('log_streams')
    .set({ holder, lease_until: until })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .where((eb) => eb.or([eb('holder', '=', holder), eb('lease_until', '<', expired)]))
    .returningAll()
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function releaseStream(db: Db, id: string, holder: string): Promise<void> {
  await db
    .updateTable('log_streams')
    .set({ holder: null, lease_until: 0 })
    .where('id', '=', id)
    .where('holder', '=', holder)
    .execute()
}

/** Makes the next attempt due. */
export async function makeDue(tx: Db, id: string, now: number): Promise<void> {
  await tx
    .updateTable('log_streams')
    .set({ retry_at: now })
    .where('id', '=', id)
    .where('retry_at', '>', now)
    .execute()
}

/** What an attempt changed. */
type Progress = Pick<Stream, 'position' | 'attempts'> &
  Partial<Pick<Stream, 'status' | 'deliveredAt' | 'failingSince' | 'retryAt' | 'error'>>

/**
 * Records the result of an attempt and extends the claim. @returns the stream as it is now; undefined when the claim was
 * lost, or the stream was changed since it was read, so that the result is about something else
 */
export async function recordProgress(
  tx: Db,
  before: Stream,
  progress: Progress,
  { holder, until }: { holder: string; until: number },
): Promise<Stream | undefined> {
  const row = await tx
    .updateTable('log_streams')
    .set({
      position: progress.position,
      attempts: progress.attempts,
      failing_since: progress.failingSince ?? null,
      retry_at: progress.retryAt ?? null,
      error: progress.error ?? null,
      lease_until: until,
      ...(progress.status !== undefined && { status: progress.status }),
      ...(progress.deliveredAt !== undefined && { delivered_at: progress.deliveredAt }),
    })
    .where('id', '=', before.id)
    .where('holder', '=', holder)
    .where('status', '=', 'active')
    .where('sink', '=', before.sealedSink)
    .returningAll()
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function insertFailure(tx: Db, failure: Omit<FailedDelivery, 'isRequested'>): Promise<void> {
  await tx
    .insertInto('log_stream_failures')
    .values({
      id: failure.id,
      stream_id: failure.streamId,
      first_log_id: failure.firstLogId,
      last_log_id: failure.lastLogId,
      entries: failure.entries,
      error: failure.error,
      failed_at: failure.failedAt,
      requested_at: null,
    })
    .execute()
}

export async function countFailures(db: Db, streamId: string): Promise<number> {
  const { total } = await db
    .selectFrom('log_stream_failures')
    .select((eb) => eb.fn.countAll().as('total'))
    .where('stream_id', '=', streamId)
    .executeTakeFirstOrThrow()
  return Number(total)
}

/** Newest first. */
export async function listFailures(db: Db, streamId: string, limit: number): Promise<FailedDelivery[]> {
  const rows = await db
    .selectFrom('log_stream_failures')
    .selectAll()
    .where('stream_id', '=', streamId)
    .orderBy('failed_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(fromFailureRow)
}

/** Those that somebody asked to send again, in the order of their entries. */
export async function listRequestedFailures(db: Db, streamId: string): Promise<FailedDelivery[]> {
  const rows = await db
    .selectFrom('log_stream_failures')
    .selectAll()
    .where('stream_id', '=', streamId)
    .where('requested_at', 'is not', null)
    .orderBy('first_log_id')
    .execute()
  return rows.map(fromFailureRow)
}

/** @returns false when there is no such delivery */
export async function requestFailure(tx: Db, streamId: string, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('log_stream_failures')
    .set({ requested_at: now })
    .where('stream_id', '=', streamId)
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function refuseAgain(db: Db, id: string, error: string, now: number): Promise<void> {
  await db
    .updateTable('log_stream_failures')
    .set({ error, failed_at: now, requested_at: null })
    .where('id', '=', id)
    .execute()
}

export async function deleteFailure(db: Db, id: string): Promise<void> {
  await db.deleteFrom('log_stream_failures').where('id', '=', id).execute()
}

const keptForMs = 30 * 86_400_000

/** Deletes failed deliveries after thirty days. @returns how many were deleted */
export async function deleteOldFailures(db: Db, now: number, limit = 1_000): Promise<number> {
  const old = db
    .selectFrom('log_stream_failures')
    .select('id')
    .where('failed_at', '<', now - keptForMs)
    .limit(limit)
  const result = await db.deleteFrom('log_stream_failures').where('id', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}

function toRow(stream: Stream) {
  return {
    name: stream.name,
    status: stream.status,
    data: toJson({ filters: stream.filters, isPriority: stream.isPriority }),
    sink: stream.sealedSink,
    attempts: stream.attempts,
    failing_since: stream.failingSince ?? null,
    retry_at: stream.retryAt ?? null,
    error: stream.error ?? null,
  }
}

function fromRow(row: Selectable<LogStreamsTable>): Stream {
  return {
    ...fromJson<Pick<Stream, 'filters' | 'isPriority'>>(row.data),
    id: row.id,
    name: row.name,
    status: row.status,
    sealedSink: row.sink,
    position: row.position,
    attempts: row.attempts,
    createdAt: row.created_at,
    ...(row.delivered_at !== null && { deliveredAt: row.delivered_at }),
    ...(row.failing_since !== null && { failingSince: row.failing_since }),
    ...(row.retry_at !== null && { retryAt: row.retry_at }),
    ...(row.error !== null && { error: row.error }),
  }
}

function fromFailureRow(row: Selectable<LogStreamFailuresTable>): FailedDelivery {
  return {
    id: row.id,
    streamId: row.stream_id,
    firstLogId: row.first_log_id,
    lastLogId: row.last_log_id,
    entries: row.entries,
    error: row.error,
    failedAt: row.failed_at,
    isRequested: row.requested_at !== null,
  }
}
