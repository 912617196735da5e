import { lockRows } from '../store/row-lock.ts'
import type { Db } from '../store/store.ts'

/** Failures counted against one key, with those that are still being checked among them. */
export interface AttemptRow {
  key: string
  failures: number
  first_at: number
  last_at: number
  blocked_until: number | null
}

/** The row of a key, created if need be and held until the transaction ends. */
export async function lockAttempts(tx: Db, key: string, now: number): Promise<AttemptRow> {
  const fresh = { key, failures: 0, first_at: now, last_at: now, blocked_until: null }
  await tx
    .insertInto('sign_in_attempts')
    .values(fresh)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const query = tx.selectFrom('sign_in_attempts').selectAll().where('key', '=', key)
  return (await lockRows(tx, query).executeTakeFirst()) ?? fresh
}

export async function saveAttempts(tx: Db, { key, ...row }: AttemptRow): Promise<void> {
  await tx.updateTable('sign_in_attempts').set(row).where('key', '=', key).execute()
}

export async function deleteAttempts(tx: Db, key: string): Promise<void> {
  await tx.deleteFrom('sign_in_attempts').where('key', '=', key).execute()
}

/** Rows whose key begins so; the prefix ends in a separator. */
export async function listAttempts(db: Db, prefix: string): Promise<AttemptRow[]> {
  const query = db.selectFrom('sign_in_attempts').selectAll()
  return query.where('key', '>=', prefix).where('key', '<', after(prefix)).orderBy('key').execute()
}

export async function deleteAttemptsUnder(db: Db, prefix: string): Promise<void> {
  await db
    .deleteFrom('sign_in_attempts')
    .where('key', '>=', prefix)
    .where('key', '<', after(prefix))
    .execute()
}

/** Removes rows nobody has added to since, a bounded number at a time. @returns how many went */
export async function deleteAttemptsBefore(db: Db, lastAt: number, limit: number): Promise<number> {
  const old = db.selectFrom('sign_in_attempts').select('key').where('last_at', '<', lastAt).limit(limit)
  const result = await db.deleteFrom('sign_in_attempts').where('key', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** The first text behind everything that begins with the prefix: keys compare byte by byte. */
function after(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}
