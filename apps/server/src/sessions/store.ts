import { type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import { chunks } from '../store/chunks.ts'
import { shareRows } from '../store/row-lock.ts'
import type { ArtifactsTable, Database } from '../store/schema.ts'
import type { Db } from '../store/store.ts'

/**
 * What the OAuth protocol keeps between two requests. Rows are found by the SHA-256 of the artifact's id and carry a
 * sealed payload, so nothing here can be presented to the server as a session, code or refresh token.
 */
export type ArtifactRow = Selectable<ArtifactsTable>

type NewRow = Omit<ArtifactRow, 'consumed_at'>

const newRowColumns = [
  'kind',
  'id_hash',
  'payload',
  'grant_id',
  'uid',
  'user_code',
  'user_id',
  'client_id',
  'created_at',
  'expires_at',
] as const satisfies (keyof NewRow)[]

/** Writes an artifact; a mark of consumption that is already there stays. */
export async function putArtifact(db: Db, row: NewRow): Promise<void> {
  const { kind: _kind, id_hash: _id, created_at: _created, ...changing } = row
  await db
    .insertInto('artifacts')
    .values({ ...row, consumed_at: null })
    .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doUpdateSet(changing))
    .execute()
}

/** Writes an artifact whose id must be new. @returns whether it was: of many callers with one id, one succeeds. */
export async function insertArtifact(db: Db, row: NewRow): Promise<boolean> {
  const result = await db
    .insertInto('artifacts')
    .values({ ...row, consumed_at: null })
    .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/**
 * Writes an artifact that was loaded before, under its old id or a new one, if it still exists.
 * @returns whether it does
 */
export async function replaceArtifact(db: Db, loadedIdHash: string, row: NewRow): Promise<boolean> {
  const { kind, created_at: _created, ...changing } = row
  const result = await db
    .updateTable('artifacts')
    .set(changing)
    .where('kind', '=', kind)
    .where('id_hash', '=', loadedIdHash)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Inserts an artifact if `parent`, which selects by a primary key, finds its row. The row is locked until the insert is
 * committed: a transaction that changes or deletes the parent first, and then deletes what belongs to it, misses nothing.
 * @returns whether it was inserted
 */
export async function insertWithParent<Table extends keyof Database>(
  db: Db,
  row: NewRow,
  parent: SelectQueryBuilder<Database, Table, object>,
): Promise<boolean> {
  const values = newRowColumns.map((column) => sql.val(row[column]).as(column))
  const result = await db
    .insertInto('artifacts')
    .columns(newRowColumns)
    .expression(shareRows(db, parent.select(values)))
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Selects a grant, as the parent of what is issued from it. */
export function grantById(db: Db, idHash: string) {
  return db.selectFrom('artifacts').where('kind', '=', 'Grant').where('id_hash', '=', idHash)
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

/** Whether the session exists, under whatever id. */
export async function isSessionAlive(db: Db, uid: string): Promise<boolean> {
  return (await findArtifactBy(db, 'Session', 'uid', uid)) !== undefined
}

/** Ends a session under whatever id another request has given it. */
export async function endSession(db: Db, uid: string): Promise<void> {
  await db.deleteFrom('artifacts').where('kind', '=', 'Session').where('uid', '=', uid).execute()
}

/*
 * Ends delete parents before children, each in a statement of its own. On PostgreSQL a statement sees the rows that were
 * committed when it began: after the parents are gone nothing new is written from them, and the next statement sees
 * everything that was (docs/decisions/ends-of-sessions.md).
 */

/** What a user holds that ends when they sign out everywhere, get a new password, are blocked or deleted. */
const generations = [
  ['Session', 'Interaction'],
  ['Grant'],
  ['RefreshToken', 'AuthorizationCode', 'AccessToken'],
] as const

/** Ends everything that came from one authorization: the grant, its codes and its tokens. */
export async function deleteByGrant(db: Db, grantId: string): Promise<void> {
  await db.deleteFrom('artifacts').where('grant_id', '=', grantId).where('kind', '=', 'Grant').execute()
  await db.deleteFrom('artifacts').where('grant_id', '=', grantId).execute()
}

/** Ends a user's sessions, codes and refresh tokens at once. Access tokens in JWT form live on to their expiry. */
export async function endUserSessions(db: Db, userId: string): Promise<void> {
  for (const kinds of generations)
    await db.deleteFrom('artifacts').where('user_id', '=', userId).where('kind', 'in', kinds).execute()
}

/** Ends what a user holds of these kinds. */
export async function endArtifacts(
  db: Db,
  kinds: readonly ('Session' | 'Interaction')[],
  userId: string,
): Promise<void> {
  await db.deleteFrom('artifacts').where('user_id', '=', userId).where('kind', 'in', kinds).execute()
}

/** Ends a user's refresh tokens with the grants they belong to, so that none can be rotated any more. */
export async function endRefreshTokens(db: Db, userId: string): Promise<void> {
  const grants = db
    .selectFrom('artifacts')
    .select('grant_id')
    .where('user_id', '=', userId)
    .where('kind', '=', 'RefreshToken')
  await db.deleteFrom('artifacts').where('kind', '=', 'Grant').where('grant_id', 'in', grants).execute()
  await db
    .deleteFrom('artifacts')
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('kind', '=', 'RefreshToken'), eb('grant_id', 'in', grants)]))
    .execute()
}

/** Ends what applications hold for a user: refresh tokens, codes and opaque tokens. The user's sessions stay. */
export async function endApplicationAccess(
  db: Db,
  userId: string,
  clientIds: readonly string[],
): Promise<void> {
  const [, ...issued] = generations
  for (const some of chunks(clientIds))
    for (const kinds of issued)
      await db
        .deleteFrom('artifacts')
        .where('user_id', '=', userId)
        .where('client_id', 'in', some)
        .where('kind', 'in', kinds)
        .execute()
}

/** Ends everything an application was given, when it is deleted or loses a grant type. */
export async function endApplicationSessions(db: Db, clientId: string): Promise<void> {
  await db.deleteFrom('artifacts').where('client_id', '=', clientId).where('kind', '=', 'Grant').execute()
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
