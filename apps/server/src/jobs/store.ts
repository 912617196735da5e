import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'
import type { Job, JobData } from './jobs.ts'

export async function insertJob(db: Db, job: Job): Promise<void> {
  await db.insertInto('jobs').values(toRow(job)).execute()
}

export async function saveJob(db: Db, job: Job): Promise<void> {
  const { id, ...row } = toRow(job)
  await db.updateTable('jobs').set(row).where('id', '=', id).execute()
}

export async function findJobRow(db: Db, id: string): Promise<Job | undefined> {
  const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
  return (
    row && {
      id: row.id,
      type: row.type as Job['type'],
      status: row.status as Job['status'],
      createdAt: row.created_at,
      ...(row.finished_at !== null && { finishedAt: row.finished_at }),
      data: fromJson<JobData>(row.data),
    }
  )
}

function toRow(job: Job) {
  return {
    id: job.id,
    type: job.type,
    status: job.status,
    data: toJson(job.data),
    created_at: job.createdAt,
    finished_at: job.finishedAt ?? null,
  }
}
