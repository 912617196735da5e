import { job } from '@rolecall/contract'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'
import type { Job, JobData } from './jobs.ts'

export async function insertJob(db: Db, made: Job): Promise<void> {
  await db.insertInto('jobs').values(toRow(made)).execute()
}

export async function saveJob(db: Db, changed: Job): Promise<void> {
  const { id, ...row } = toRow(changed)
  await db.updateTable('jobs').set(row).where('id', '=', id).execute()
}

export async function findJobRow(db: Db, id: string): Promise<Job | undefined> {
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

const keptForMs = 30 * 86_400_000

/** Removes jobs of more than thirty days ago, and with them what they tell of users. @returns how many went */
export async function deleteOldJobs(db: Db, now: number, limit = 1_000): Promise<number> {
  const old = db
    .selectFrom('jobs')
    .select('id')
    .where('created_at', '<', now - keptForMs)
    .limit(limit)
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
