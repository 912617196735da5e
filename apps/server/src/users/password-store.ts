import type { Db } from '../store/store.ts'

/** The stored hash of a user's password; undefined for a user without one, and for an empty id. */
export async function findPasswordHash(db: Db, userId: string): Promise<string | undefined> {
  const row = await db.selectFrom('passwords').select('hash').where('user_id', '=', userId).executeTakeFirst()
  return row?.hash
}

export async function putPasswordHash(tx: Db, userId: string, hash: string, now: number): Promise<void> {
  const row = { hash, scheme: null, updated_at: now }
  await tx
    .insertInto('passwords')
    .values({ user_id: userId, ...row })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
    .execute()
  await tx
    .updateTable('users')
    .set(({ eb }) => ({
      // Later than the time before in any case: a log-in is bound to the password of one time (`userOfSignIn`).
      last_password_reset: eb
        .case()
        .when('last_password_reset', '>=', now)
        .then(eb('last_password_reset', '+', 1))
        .else(now)
        .end(),
      updated_at: now,
    }))
    .where('user_id', '=', userId)
    .execute()
}

/** The same password under another hash: only while nobody changed it in between. */
export async function renewPasswordHash(db: Db, userId: string, old: string, renewed: string): Promise<void> {
  const query = db.updateTable('passwords').set({ hash: renewed, scheme: null })
  await query.where('user_id', '=', userId).where('hash', '=', old).execute()
}

export async function markEmailVerified(tx: Db, userId: string, now: number): Promise<void> {
  const verified = { email_verified: true, updated_at: now }
  await tx.updateTable('users').set(verified).where('user_id', '=', userId).execute()
}

const maxSchemes = 50

/** The kinds of imported hashes in a connection, in a stable order, each with one such hash. */
export async function listImportedSchemes(
  db: Db,
  connection: string,
): Promise<{ hash: string; count: number }[]> {
  const rows = await db
    .selectFrom('passwords')
    .crossJoin('users')
    .whereRef('users.user_id', '=', 'passwords.user_id')
    .select((eb) => [eb.fn.min('passwords.hash').as('hash'), eb.fn.countAll().as('count')])
    .where('passwords.scheme', 'is not', null)
    .where('users.connection', '=', connection)
    .groupBy('passwords.scheme')
    .orderBy('passwords.scheme')
    .limit(maxSchemes)
    .execute()
  return rows.map(({ hash, count }) => ({ hash, count: Number(count) }))
}

export async function countUsersOf(db: Db, connection: string): Promise<number> {
  const { count } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('connection', '=', connection)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/**
 * Replaces an imported hash that its user has not signed in with yet, or sets the first one. A password that the user
 * chose here stays.
 */
export async function putImportedHash(
  tx: Db,
  userId: string,
  { hash, scheme }: { hash: string; scheme: string },
  now: number,
): Promise<void> {
  const row = { hash, scheme, updated_at: now }
  await tx
    .insertInto('passwords')
    .values({ user_id: userId, ...row })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet(row).where('passwords.scheme', 'is not', null),
    )
    .execute()
}
