import type { Db } from '../store/store.ts'

/** The PHC string of a user's password; undefined for a user without one, and for an empty id. */
export async function findPasswordHash(db: Db, userId: string): Promise<string | undefined> {
  const row = await db.selectFrom('passwords').select('hash').where('user_id', '=', userId).executeTakeFirst()
  return row?.hash
}

export async function putPasswordHash(tx: Db, userId: string, hash: string, now: number): Promise<void> {
  const row = { hash, updated_at: now }
  await tx
    .insertInto('passwords')
    .values({ user_id: userId, ...row })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
    .execute()
  await tx
    .updateTable('users')
    .set({ last_password_reset: now, updated_at: now })
    .where('user_id', '=', userId)
    .execute()
}

/** The same password under another hash: only while nobody changed it in between. */
export async function renewPasswordHash(db: Db, userId: string, old: string, renewed: string): Promise<void> {
  const query = db.updateTable('passwords').set({ hash: renewed })
  await query.where('user_id', '=', userId).where('hash', '=', old).execute()
}

export async function markEmailVerified(tx: Db, userId: string, now: number): Promise<void> {
  const verified = { email_verified: true, updated_at: now }
  await tx.updateTable('users').set(verified).where('user_id', '=', userId).execute()
}
