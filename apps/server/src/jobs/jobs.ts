import { randomAlphanumeric } from '../crypto/secrets.ts'
import { notFound } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import { findJob, isActiveImport, type Job, type JobData } from './store.ts'

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
 * Finds a job. An import that has not ended although no data of it is left was lost, and is shown as failed.
 * @throws ApiError 404
 */
export async function requireJob(db: Db, id: string): Promise<Job> {
  const job = await findJob(db, id)
  if (!job) throw notFound('The job does not exist', 'inexistent_job')
  const isOver = job.status === 'completed' || job.status === 'failed'
  if (isOver || (await isActiveImport(db, id))) return job
  // It may have ended between the two queries.
  const last = (await findJob(db, id)) ?? job
  return last.status === 'pending' || last.status === 'processing' ? { ...last, status: 'failed' } : last
}
