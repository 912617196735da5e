import { errors, Provider } from 'oidc-provider'
import { sha256 } from '../crypto/secrets.ts'
import {
  type ArtifactRow,
  consumeArtifact,
  deleteByGrant,
  findArtifact,
  grantById,
  insertWithParent,
} from '../sessions/store.ts'
import type { Db, Store } from '../store/store.ts'

type NewRow = Omit<ArtifactRow, 'consumed_at'>

interface Rotation {
  /** Hash of the id of the refresh token that the request uses. */
  usedIdHash: string
  now: number
  isWithinLeeway: (db: Db, row: ArtifactRow) => Promise<boolean>
  successor?: NewRow
}

/** The private detail of the error that the losers of a race get. */
export const alreadyUsed = 'used by another request at the same time'

/**
 * oidc-provider consumes a refresh token, writes its successor, and then decides on the API and issues the access token. A
 * failure in between would cost the log-in: the old token is used up and the client never received the new one. Here both
 * writes wait until the access token is issued, and are one transaction.
 */
const rotations = new WeakMap<object, Rotation>()

export function beginRotation(rotation: Rotation): void {
  const request = Provider.ctx
  if (request === undefined) throw new Error('a refresh token is rotated by a request')
  rotations.set(request, rotation)
}

/** Keeps the successor for {@link completeRotation}. @returns false where the request rotates no token */
export function keepSuccessor(row: NewRow): boolean {
  const rotation = Provider.ctx && rotations.get(Provider.ctx)
  if (rotation === undefined) return false
  rotation.successor = row
  return true
}

/**
 * Consumes the refresh token of this request and writes its successor; does nothing where the request rotates none. Of
 * parallel uses one succeeds. The others end the grant, since one of the two callers has a stolen token (RFC 9700 §4.14.2).
 * @throws {errors.InvalidGrant} for a token that another request has used
 */
export async function completeRotation(store: Store): Promise<void> {
  const request = Provider.ctx
  const rotation = request && rotations.get(request)
  if (rotation?.successor === undefined) return
  rotations.delete(request ?? rotation)
  const { usedIdHash, now, successor, isWithinLeeway } = rotation
  const lost = await store
    .transaction(async (tx) => {
      // The grant's row first, as everything that ends a grant takes it. A token of a grant that has ended is not stored:
      // it is answered, and worth nothing.
      await insertWithParent(tx, successor, grantById(tx, sha256(successor.grant_id ?? '')))
      if (await consumeArtifact(tx, 'RefreshToken', usedIdHash, now)) return undefined
      const row = await findArtifact(tx, 'RefreshToken', usedIdHash)
      if (row && (await isWithinLeeway(tx, row))) return undefined
      throw new RolledBack(row?.grant_id ?? undefined)
    })
    .catch((error: unknown) => {
      if (error instanceof RolledBack) return error
      throw error
    })
  if (lost === undefined) return
  if (lost.grantId !== undefined) await deleteByGrant(store.db, lost.grantId)
  throw new errors.InvalidGrant(alreadyUsed)
}

/** Takes back the successor of a request that lost the race. */
class RolledBack extends Error {
  readonly grantId: string | undefined

  constructor(grantId: string | undefined) {
    super('the refresh token was used by another request')
    this.grantId = grantId
  }
}
