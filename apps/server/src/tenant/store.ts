import { lockRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** A setting of the tenant, by its id. */
export async function readSetting<T>(db: Db, id: string): Promise<T | undefined> {
  const row = await db.selectFrom('settings').select('data').where('id', '=', id).executeTakeFirst()
  return row && fromJson<T>(row.data)
}

/** As `readSetting`, and locks the row until the transaction ends. A setting without a row is an empty object. */
export async function lockSetting<T extends object>(tx: Db, id: string, now: number): Promise<Partial<T>> {
  await tx
    .insertInto('settings')
    .values({ id, data: toJson({}), updated_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const query = tx.selectFrom('settings').select('data').where('id', '=', id)
  const { data } = await lockRows(tx, query).executeTakeFirstOrThrow()
  return fromJson(data)
}

export async function writeSetting(db: Db, id: string, data: unknown, now: number): Promise<void> {
  const row = { data: toJson(data), updated_at: now }
  await db
    .insertInto('settings')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
}
