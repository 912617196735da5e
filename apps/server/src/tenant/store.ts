import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** A setting of the tenant, by its id. */
export async function readSetting<T>(db: Db, id: string): Promise<T | undefined> {
  const row = await db.selectFrom('settings').select('data').where('id', '=', id).executeTakeFirst()
  return row && fromJson<T>(row.data)
}

export async function writeSetting(db: Db, id: string, data: unknown, now: number): Promise<void> {
  const row = { data: toJson(data), updated_at: now }
  await db
    .insertInto('settings')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}
