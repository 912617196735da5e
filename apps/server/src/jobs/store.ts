import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { type JobError, type JobWire, job, type UserFilter } from '@rolecall/contract'
import type { Context } from '../context.ts'
import type { SealedColumn } from '../crypto/reseal.ts'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { isUniqueViolation } from '../store/constraints.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'
import type { RawRecord } from './records.ts'

/** Work that continues after its request was answered. */
export interface Job {
  id: string
  type: JobWire['type']
  status: JobWire['status']
  createdAt: number
  finishedAt?: number
  data: JobData
}

export interface JobData {
  connectionId?: string
  externalId?: string
  format?: 'json' | 'csv'
  limit?: number
  /** Of an export: which users, in which order. */
  filter?: UserFilter
  fields?: { name: string; exportAs: string }[]
  percentageDone?: number
  summary?: { total: number; inserted: number; updated: number; failed: number }
  statusDetails?: string
  upsert?: boolean
  sendCompletionEmail?: boolean
}

export async function insertJob(db: Db, made: Job): Promise<void> {
  await db.insertInto('jobs').values(toRow(made)).execute()
}

export async function saveJob(db: Db, changed: Job): Promise<void> {
  const { id, ...row } = toRow(changed)
  await db.updateTable('jobs').set(row).where('id', '=', id).execute()
}

export async function findJob(db: Db, id: string): Promise<Job | undefined> {
  const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
  return (
    row && {
      id: row.id,
      type: job.shape.type.parse(row.type),
      status: job.shape.status.parse(row.status),
      createdAt: row.created_at,
      ...(row.finished_at !== null && { finishedAt: row.finished_at }),
      data: fromJson<JobData>(row.data),
    }
  )
}

/** Deletes jobs older than a time, with the user data in them. @returns how many were deleted */
export async function deleteOldJobs(db: Db, before: number, limit = 1_000): Promise<number> {
  const old = db.selectFrom('jobs').select('id').where('created_at', '<', before).limit(limit)
  const result = await db.deleteFrom('jobs').where('id', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}

function toRow(kept: Job) {
  return {
    id: kept.id,
    type: kept.type,
    status: kept.status,
    data: toJson(kept.data),
    created_at: kept.createdAt,
    finished_at: kept.finishedAt ?? null,
  }
}

/**
 * Imports that have not ended. Their users are stored compressed and sealed from the upload until the job has read them,
 * so that a job continues after a restart, in this process or another.
 */
/** The settings of an import and its caller. */
export interface ImportSettings {
  connectionId: string
  /** Updates existing users instead of refusing them. */
  upsert: boolean
  sendCompletionEmail: boolean
  caller: { sub: string; userId?: string; clientId?: string; scopes: string[] }
}

export interface ActiveImport {
  jobId: string
  /** Identifies the claim in the lease. Each claim has a new one, so an expired claim writes nothing. */
  holder: string
  settings: ImportSettings
}

type Claim = Pick<ActiveImport, 'jobId' | 'holder'>

export interface Batch {
  seq: number
  records: RawRecord[]
}

/** Auth0's limit. */
export const maxActiveImports = 2
/** A process that has not renewed its lease within this time has ended. */
const leaseMs = 30_000

/** Takes a slot for an upload. @returns whether one was free */
export async function openImport(db: Db, { jobId, holder }: Claim, now: number): Promise<boolean> {
  const taken = await db.selectFrom('user_imports').select('slot').execute()
  for (let slot = 1; slot <= maxActiveImports; slot++) {
    if (taken.some((other) => other.slot === slot)) continue
    const row = { job_id: jobId, slot, state: 'uploading', data: toJson({}), holder }
    try {
      await db
        .insertInto('user_imports')
        .values({ ...row, lease_until: now + leaseMs })
        .execute()
      return true
    } catch (error) {
      // Another request has taken this slot.
      if (!isUniqueViolation(error)) throw error
    }
  }
  return false
}

/** Marks the upload as complete. The first process that claims the import runs it. */
export async function startImport(tx: Db, jobId: string, settings: ImportSettings): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('user_imports')
    .set({ state: 'ready', data: toJson(settings), holder: null, lease_until: 0 })
    .where('job_id', '=', jobId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Claims an import that no running process holds. */
export async function claimImport(db: Db, now: number): Promise<ActiveImport | undefined> {
  const free = await db
    .selectFrom('user_imports')
    .selectAll()
    .where('state', '=', 'ready')
    .where('lease_until', '<=', now)
    .execute()
  for (const row of free) {
    const holder = randomAlphanumeric(16)
    const { numUpdatedRows } = await db
      .updateTable('user_imports')
      .set({ holder, lease_until: now + leaseMs })
      .where('job_id', '=', row.job_id)
      .where('lease_until', '=', row.lease_until)
      .executeTakeFirst()
    if (numUpdatedRows === 1n) return { jobId: row.job_id, holder, settings: fromJson(row.data) }
  }
  return undefined
}

/** @returns false when the lease expired and another process claimed the import, or when it has ended */
export async function renewLease(tx: Db, { jobId, holder }: Claim, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('user_imports')
    .set({ lease_until: now + leaseMs })
    .where('job_id', '=', jobId)
    .where('holder', '=', holder)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function releaseImport(db: Db, { jobId, holder }: Claim): Promise<void> {
  await db
    .updateTable('user_imports')
    .set({ holder: null, lease_until: 0 })
    .where('job_id', '=', jobId)
    .where('holder', '=', holder)
    .execute()
}

/** Deletes an import, with its remaining users. */
export async function closeImport(db: Db, jobId: string): Promise<void> {
  await db.deleteFrom('user_imports').where('job_id', '=', jobId).execute()
}

/** Deletes uploads whose process has ended. */
export async function closeAbandonedUploads(db: Db, now: number): Promise<void> {
  const query = db.deleteFrom('user_imports').where('state', '=', 'uploading')
  await query.where('lease_until', '<=', now).execute()
}

export async function isActiveImport(db: Db, jobId: string): Promise<boolean> {
  const query = db.selectFrom('user_imports').select('job_id').where('job_id', '=', jobId)
  return (await query.executeTakeFirst()) !== undefined
}

type Sealing = Pick<Context, 'sealer'>

export function sealBatch({ sealer }: Sealing, jobId: string, records: RawRecord[]): string {
  return sealer.seal(deflateRawSync(JSON.stringify(records)).toString('base64'), contextOf(jobId))
}

function openBatch({ sealer }: Sealing, jobId: string, sealed: string): RawRecord[] {
  const compressed = Buffer.from(sealer.open(sealed, contextOf(jobId)), 'base64')
  const records: RawRecord[] = JSON.parse(inflateRawSync(compressed).toString())
  return records
}

const contextOf = (jobId: string) => `user_import_batches.${jobId}`

export const sealedBatches: SealedColumn = {
  table: 'user_import_batches',
  key: ['job_id', 'seq'],
  column: 'sealed',
  contextOf: ({ job_id = '' }) => contextOf(job_id),
}

export async function insertBatch(tx: Db, jobId: string, seq: number, sealed: string): Promise<void> {
  await tx.insertInto('user_import_batches').values({ job_id: jobId, seq, sealed }).execute()
}

export async function nextBatch(ctx: Sealing, db: Db, jobId: string): Promise<Batch | undefined> {
  const row = await db
    .selectFrom('user_import_batches')
    .select(['seq', 'sealed'])
    .where('job_id', '=', jobId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  return row && { seq: row.seq, records: openBatch(ctx, jobId, row.sealed) }
}

/** Replaces a batch by its remaining records, or deletes it when none remain. */
export async function shortenBatch(
  tx: Db,
  jobId: string,
  seq: number,
  rest: string | undefined,
): Promise<void> {
  if (rest === undefined) {
    const query = tx.deleteFrom('user_import_batches').where('job_id', '=', jobId)
    await query.where('seq', '=', seq).execute()
    return
  }
  const query = tx.updateTable('user_import_batches').set({ sealed: rest }).where('job_id', '=', jobId)
  await query.where('seq', '=', seq).execute()
}

/** @param seq the number of users read before; it orders the rows of a job */
export async function insertJobErrors(
  tx: Db,
  jobId: string,
  seq: number,
  errors: readonly JobError[],
): Promise<void> {
  await tx
    .insertInto('job_errors')
    .values({ job_id: jobId, seq, errors: toJson(errors) })
    .execute()
}

export async function listJobErrors(db: Db, jobId: string): Promise<JobError[]> {
  const rows = await db
    .selectFrom('job_errors')
    .select('errors')
    .where('job_id', '=', jobId)
    .orderBy('seq')
    .execute()
  return rows.flatMap(({ errors }) => fromJson<JobError[]>(errors))
}
