import type { JobError, JobWire } from '@rolecall/contract'
import { randomAlphanumeric } from '../crypto/random.ts'
import { notFound } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
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
  /** Users that were refused; the first thousand. */
  errors?: JobError[]
  /** The last sign of life: a job that gives none any more died with its server. */
  aliveAt?: number
}

export function newJob(type: Job['type'], status: Job['status'], now: number, data: JobData): Job {
  return {
    id: `job_${randomAlphanumeric(16)}`,
    type,
    status,
    createdAt: now,
    ...(status === 'completed' && { finishedAt: now }),
    data: { ...data, aliveAt: now },
  }
}

const deadAfterMs = 10 * 60_000

/** @throws ApiError 404 */
export async function requireJob(db: Db, id: string, now: number): Promise<Job> {
  const job = await findJobRow(db, id)
  if (!job) throw notFound('The job does not exist', 'inexistent_job')
  const isOver = job.status === 'completed' || job.status === 'failed'
  if (isOver || (job.data.aliveAt ?? job.createdAt) + deadAfterMs > now) return job
  return { ...job, status: 'failed' }
}
