import type { SelectQueryBuilder } from 'kysely'
import type { Listing } from '../http/paging.ts'
import type { Database } from '../store/schema.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { type ArtifactRow, deleteArtifact, endedKind, insertArtifact } from './store.ts'

/** A session or refresh token as administrators see it. `id` is the hash of its id and gives no access. */
export interface Artifact {
  id: string
  clientId?: string
  createdAt: number
  expiresAt?: number
  /** Of a session: sealed, see `device.ts`. */
  payload?: string
}

/** The sessions or refresh tokens of a user that are neither expired nor rotated. */
export function listArtifacts(
  db: Db,
  kind: 'Session' | 'RefreshToken',
  userId: string,
  now: number,
): Listing<Artifact> {
  const alive = db
    .selectFrom('artifacts')
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .where('consumed_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
  return {
    async slice({ after, offset, limit }) {
      const rows = await alive
        .select(['id_hash', 'client_id', 'created_at', 'expires_at'])
        .$if(kind === 'Session', (query) => query.select('payload'))
        .$if(after !== undefined, (query) => query.where('id_hash', '>', String(after?.[0])))
        .orderBy('id_hash')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    count: () => countRows(alive),
    cursor: ({ id }) => [id],
  }
}

type Row = Pick<ArtifactRow, 'id_hash' | 'client_id' | 'created_at' | 'expires_at'> &
  Partial<Pick<ArtifactRow, 'payload'>>

function fromRow(row: Row): Artifact {
  return {
    id: row.id_hash,
    ...(row.client_id !== null && { clientId: row.client_id }),
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.payload !== undefined && { payload: row.payload }),
  }
}

/**
 * Applications may be told of the end of a session (OpenID Connect Back-Channel Logout 1.0). An ended session therefore stays
 * as a row of another kind, which nothing accepts as a session, until `oauth/backchannel-logout.ts` has made a notice of it
 * for each application. Both live no longer than the session would have, and survive a restart.
 */
const noticeKind = 'LogoutNotice'

/** Some of the ended sessions that no notice was made of. */
export async function listEndedSessions(db: Db, limit: number): Promise<ArtifactRow[]> {
  return db.selectFrom('artifacts').selectAll().where('kind', '=', endedKind).limit(limit).execute()
}

type NewNotice = Pick<ArtifactRow, 'id_hash' | 'payload' | 'client_id' | 'created_at' | 'expires_at'>

/** Writes the notices of an ended session in its place. Of several servers one does. */
export async function replaceBySessionNotices(
  tx: Db,
  session: ArtifactRow,
  notices: readonly NewNotice[],
): Promise<void> {
  const { numDeletedRows } = await tx
    .deleteFrom('artifacts')
    .where('kind', '=', endedKind)
    .where('id_hash', '=', session.id_hash)
    .executeTakeFirst()
  if (numDeletedRows !== 1n) return
  const none = { grant_id: null, uid: null, user_code: null, user_id: session.user_id }
  for (const notice of notices) await insertArtifact(tx, { kind: noticeKind, ...none, ...notice })
}

/** Notices whose time has come. `consumed_at` is when one may be tried next. */
export async function dueNotices(db: Db, now: number, limit: number): Promise<ArtifactRow[]> {
  return due(db.selectFrom('artifacts').selectAll(), now).limit(limit).execute()
}

function due<Chosen>(query: SelectQueryBuilder<Database, 'artifacts', Chosen>, now: number) {
  return query
    .where('kind', '=', noticeKind)
    .where((eb) => eb.or([eb('consumed_at', 'is', null), eb('consumed_at', '<=', now)]))
}

/** Takes a notice for one attempt. @returns false when another server was faster */
export async function claimNotice(db: Db, notice: ArtifactRow, until: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('artifacts')
    .set({ consumed_at: until })
    .where('kind', '=', noticeKind)
    .where('id_hash', '=', notice.id_hash)
    .where('consumed_at', notice.consumed_at === null ? 'is' : '=', notice.consumed_at)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function postponeNotice(db: Db, idHash: string, payload: string, until: number): Promise<void> {
  await db
    .updateTable('artifacts')
    .set({ payload, consumed_at: until })
    .where('kind', '=', noticeKind)
    .where('id_hash', '=', idHash)
    .execute()
}

export async function deleteNotice(db: Db, idHash: string): Promise<void> {
  await deleteArtifact(db, noticeKind, idHash)
}
