import type { Context } from '../../context.ts'
import { sha256 } from '../../crypto/secrets.ts'
import type { ProviderLogIn } from '../../identities/identities.ts'
import { deleteArtifact, findArtifact, payloadContext, putArtifact } from '../../sessions/store.ts'
import type { Departed } from '../providers/departure.ts'
import type { Visitor } from './session.ts'

/** An account that is about to be connected: its user is at the provider, or back and asked whether it is the right one. */
export type PendingLink =
  | { departed: Departed }
  | { arrived: { connectionId: string; logIn: ProviderLogIn }; at: number }

type Deps = Pick<Context, 'store' | 'clock' | 'sealer'>

const kind = 'PendingLink'
const lifetimeMs = 15 * 60_000

/** One for each session, found by it: another browser, or another user in this one, has another. */
const idOf = ({ sessionUid, user }: Visitor) => sha256(`${kind} ${sessionUid} ${user.userId}`)

export async function putPendingLink(
  { store, clock, sealer }: Deps,
  visitor: Visitor,
  pending: PendingLink,
): Promise<void> {
  const id = idOf(visitor)
  const now = clock()
  await putArtifact(store.db, {
    kind,
    id_hash: id,
    payload: sealer.seal(JSON.stringify(pending), payloadContext(kind, id)),
    grant_id: null,
    uid: null,
    user_code: null,
    user_id: visitor.user.userId,
    client_id: null,
    created_at: now,
    expires_at: now + lifetimeMs,
  })
}

export async function pendingLinkOf(
  { store, clock, sealer }: Deps,
  visitor: Visitor,
): Promise<PendingLink | undefined> {
  const row = await findArtifact(store.db, kind, idOf(visitor))
  if (!row || (row.expires_at ?? 0) < clock()) return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `putPendingLink` wrote it, and it was sealed since.
  return JSON.parse(sealer.open(row.payload, payloadContext(kind, row.id_hash))) as PendingLink
}

export async function dropPendingLink({ store }: Deps, visitor: Visitor): Promise<void> {
  await deleteArtifact(store.db, kind, idOf(visitor))
}
