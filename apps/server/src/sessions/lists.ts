import type { Listing } from '../http/paging.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import type { ArtifactRow } from './store.ts'

/** A session or refresh token as administrators see it. `id` is the hash of its id and gives no access. */
export interface Artifact {
  id: string
  clientId?: string
  createdAt: number
  expiresAt?: number
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

type Row = Pick<ArtifactRow, 'id_hash' | 'client_id' | 'created_at' | 'expires_at'>

function fromRow(row: Row): Artifact {
  return {
    id: row.id_hash,
    ...(row.client_id !== null && { clientId: row.client_id }),
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  }
}
