import { type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import type { SealedColumn } from '../crypto/reseal.ts'
import type { ArtifactsTable, Database } from '../store/schema.ts'
import { chunks, shareRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'

/**
 * State of the OAuth protocol between two requests. A row has the SHA-256 of the artifact's id and a sealed payload, so a
 * copy of the table gives no session, code or refresh token.
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

/** Inserts or updates an artifact. `consumed_at` is not changed. */
export async function putArtifact(db: Db, row: NewRow): Promise<void> {
  const { kind: _kind, id_hash: _id, created_at: _created, ...changing } = row
  await db
    .insertInto('artifacts')
    .values({ ...row, consumed_at: null })
    .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doUpdateSet(changing))
    .execute()
}

/** Inserts an artifact. @returns whether its id was new: of several callers with one id, one succeeds */
export async function insertArtifact(db: Db, row: NewRow): Promise<boolean> {
  const result = await db
    .insertInto('artifacts')
    .values({ ...row, consumed_at: null })
    .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/**
 * Updates an artifact that was loaded before, under its old id or a new one, if it still exists.
 * @returns whether it exists
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
 * committed, so that a transaction which deletes the parent, and then its children, finds all of them.
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

/** Whether a grant of the user to the application exists that is as old as something issued at this time. */
export async function hasGrant(
  db: Db,
  { userId, clientId, issuedAt, now }: { userId: string; clientId: string; issuedAt: number; now: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('artifacts')
    .select('id_hash')
    .where('user_id', '=', userId)
    .where('client_id', '=', clientId)
    .where('kind', '=', 'Grant')
    // A token names the second of its issue, a row the millisecond.
    .where('created_at', '<', issuedAt + 1_000)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
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

/** @returns whether this call consumed the artifact: it is one statement, so only one of several callers succeeds */
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

/** Whether the session exists. Its id may have changed, its `uid` has not. */
export async function isSessionAlive(db: Db, uid: string): Promise<boolean> {
  return (await findArtifactBy(db, 'Session', 'uid', uid)) !== undefined
}

/** An ended session, of which applications have yet to be told (`lists.ts`). Nothing accepts it as a session. */
export const endedKind = 'EndedSession'

/** What a payload is sealed for. A session that has ended keeps its own. */
export const payloadContext = (kind: string, idHash: string) =>
  `artifact/${kind === endedKind ? 'Session' : kind}/${idHash}`

export const sealedPayloads: SealedColumn = {
  table: 'artifacts',
  key: ['kind', 'id_hash'],
  column: 'payload',
  contextOf: ({ kind = '', id_hash = '' }) => payloadContext(kind, id_hash),
}

/**
 * Ends all sessions of a user, or all but one, or the one with this `uid` under whatever id another request has given it.
 * @returns the user of each ended session
 */
export async function endSessions(
  db: Db,
  of: { userId: string; exceptUid?: string | undefined } | { uid: string },
): Promise<string[]> {
  const ended = db
    .updateTable('artifacts')
    .set({ kind: endedKind, consumed_at: null })
    .where('kind', '=', 'Session')
  const which =
    'uid' in of
      ? ended.where('uid', '=', of.uid)
      : ended
          .where('user_id', '=', of.userId)
          .$if(of.exceptUid !== undefined, (query) => query.where('uid', '!=', of.exceptUid ?? ''))
  const rows = await which.returning('user_id').execute()
  return rows.flatMap(({ user_id }) => user_id ?? [])
}

/** A session that administrators name by the hash of its id. */
export function findSession(
  db: Db,
  idHash: string,
): Promise<{ userId: string | null; uid: string | null } | undefined> {
  return db
    .selectFrom('artifacts')
    .select(['user_id as userId', 'uid'])
    .where('kind', '=', 'Session')
    .where('id_hash', '=', idHash)
    .executeTakeFirst()
}

/*
 * The functions below delete parents before children, in separate statements. On PostgreSQL a statement sees the rows that
 * were committed when it began. Once the parents are deleted, no children are inserted, and the next statement sees all
 * that were (docs/decisions/ends-of-sessions.md).
 */

/** What ends when a user signs out everywhere, gets a new password, is blocked or deleted. Parents come first. */
const generations = [
  ['Interaction'],
  ['Grant'],
  ['RefreshToken', 'AuthorizationCode', 'AccessToken', 'DeviceCode'],
] as const

/** Ends an authorization: the grant, its codes and its tokens. */
export async function deleteByGrant(db: Db, grantId: string): Promise<void> {
  await db.deleteFrom('artifacts').where('grant_id', '=', grantId).where('kind', '=', 'Grant').execute()
  await db.deleteFrom('artifacts').where('grant_id', '=', grantId).execute()
}

/** Ends a user's sessions, codes and refresh tokens at once. Access tokens in JWT form are valid until they expire. */
export async function endUserSessions(db: Db, userId: string): Promise<void> {
  await endSessions(db, { userId })
  for (const kinds of generations)
    await db.deleteFrom('artifacts').where('user_id', '=', userId).where('kind', 'in', kinds).execute()
}

/** Ends a user's sessions, and on request their unfinished log-ins; refresh tokens stay. */
export async function endArtifacts(
  db: Db,
  kinds: readonly ('Session' | 'Interaction')[],
  userId: string,
): Promise<void> {
  if (kinds.includes('Session')) await endSessions(db, { userId })
  await db.deleteFrom('artifacts').where('user_id', '=', userId).where('kind', 'in', kinds).execute()
}

/** Ends a user's refresh tokens and their grants, so that none can be rotated. */
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

/** Ends the refresh tokens, codes and opaque tokens of applications for a user. The user's sessions stay. */
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

/** Ends all grants and tokens of an application, when it is deleted or loses a grant type. */
export async function endApplicationSessions(db: Db, clientId: string): Promise<void> {
  await db.deleteFrom('artifacts').where('client_id', '=', clientId).where('kind', '=', 'Grant').execute()
  await db.deleteFrom('artifacts').where('client_id', '=', clientId).execute()
}

/** Deletes expired rows, at most `limit` of them. @returns how many rows were deleted */
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

/**
 * Deletes refresh tokens that were exchanged for their successors before a time. Until then the use of one ends its grant;
 * afterwards it is refused as unknown. @returns how many were deleted
 */
export async function deleteUsedTokens(db: Db, before: number, limit = 1_000): Promise<number> {
  const used = db
    .selectFrom('artifacts')
    .select('id_hash')
    .where('kind', '=', 'RefreshToken')
    .where('consumed_at', '<', before)
    .orderBy('consumed_at')
    .limit(limit)
  const result = await db
    .deleteFrom('artifacts')
    .where('kind', '=', 'RefreshToken')
    .where('id_hash', 'in', used)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
