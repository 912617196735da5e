import { type Selectable, sql } from 'kysely'
import type { ArtifactsTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'

/**
 * What the OAuth protocol keeps between two requests. Rows are found by the SHA-256 of the artifact's id and carry a
 * sealed payload, so nothing here can be presented to the server as a session, code or refresh token.
 */
export type ArtifactRow = Selectable<ArtifactsTable>

/** Kinds that end when their user signs out everywhere, is blocked or deleted. */
const userBound = ['Session', 'Grant', 'RefreshToken', 'AuthorizationCode', 'AccessToken', 'Interaction']

/** Writes an artifact; a mark of consumption that is already there stays. */
export async function putArtifact(db: Db, row: Omit<ArtifactRow, 'consumed_at'>): Promise<void> {
  const { kind: _kind, id_hash: _id, created_at: _created, ...changing } = row
  await db
    .insertInto('artifacts')
    .values({ ...row, consumed_at: null })
    .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doUpdateSet(changing))
    .execute()
}

export async function findArtifact(db: Db, kind: string, idHash: string): Promise<ArtifactRow | undefined> {
  return db
    .selectFrom('artifacts')
    .selectAll()
    .where('kind', '=', kind)
    .where('id_hash', '=', idHash)
    .executeTakeFirst()
}

export async function findArtifactBy(
  db: Db,
  kind: string,
  column: 'uid' | 'user_code',
  value: string,
): Promise<ArtifactRow | undefined> {
  return db
    .selectFrom('artifacts')
    .selectAll()
    .where(column, '=', value)
    .where('kind', '=', kind)
    .executeTakeFirst()
}

/** @returns whether this call, and no other, consumed the artifact: one statement, so of many callers one wins. */
export async function consumeArtifact(db: Db, kind: string, idHash: string, now: number): Promise<boolean> {
  const result = await db
    .updateTable('artifacts')
    .set({ consumed_at: now })
    .where('kind', '=', kind)
    .where('id_hash', '=', idHash)
    .where('consumed_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function deleteArtifact(db: Db, kind: string, idHash: string): Promise<void> {
  await db.deleteFrom('artifacts').where('kind', '=', kind).where('id_hash', '=', idHash).execute()
}

/** Ends everything that came of one authorization: its codes, its tokens and the grant itself. */
export async function deleteByGrant(db: Db, grantId: string): Promise<void> {
  await db.deleteFrom('artifacts').where('grant_id', '=', grantId).execute()
}

/** Ends a user's sessions, codes and refresh tokens at once. Access tokens in flight live on to their expiry. */
export async function endUserSessions(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('artifacts').where('user_id', '=', userId).where('kind', 'in', userBound).execute()
}

/** Ends whatever an application was given, when it is deleted or loses a grant type. */
export async function endApplicationSessions(db: Db, clientId: string): Promise<void> {
  await db.deleteFrom('artifacts').where('client_id', '=', clientId).execute()
}

/** Removes expired rows, a bounded number at a time. @returns how many went */
export async function deleteExpired(db: Db, now: number, limit = 1000): Promise<number> {
  const expired = db
    .selectFrom('artifacts')
    .select(['kind', 'id_hash'])
    .where('expires_at', '<', now)
    .orderBy('expires_at')
    .limit(limit)
  const result = await db
    .deleteFrom('artifacts')
    .where((eb) => sql<boolean>`${eb.refTuple('kind', 'id_hash')} in (${expired})`)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
