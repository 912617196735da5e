import type { JobWire } from '@rolecall/contract'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { notFound } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import { isActiveImport } from './import-store.ts'
import { findJobRow } from './store.ts'

/** Work that goes on after its request was answered. */
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
  fields?: { name: string; exportAs: string }[]
  percentageDone?: number
  summary?: { total: number; inserted: number; updated: number; failed: number }
  statusDetails?: string
  upsert?: boolean
  sendCompletionEmail?: boolean
}

export function newJob(type: Job['type'], status: Job['status'], now: number, data: JobData): Job {
  return {
    id: `job_${randomAlphanumeric(16)}`,
    type,
    status,
    createdAt: now,
    ...(status === 'completed' && { finishedAt: now }),
    data,
  }
}

/**
 * An import that has not ended, and of which nothing is left to read, was lost: shown as failed.
 * @throws ApiError 404
 */
export async function requireJob(db: Db, id: string): Promise<Job> {
  const job = await findJobRow(db, id)
  if (!job) throw notFound('The job does not exist', 'inexistent_job')
  const isOver = job.status === 'completed' || job.status === 'failed'
  if (isOver || (await isActiveImport(db, id))) return job
  // Read again, because it may have ended between the two queries.
  const last = (await findJobRow(db, id)) ?? job
  return last.status === 'pending' || last.status === 'processing' ? { ...last, status: 'failed' } : last
}
