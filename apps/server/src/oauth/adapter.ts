import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { sha256 } from '../crypto/secrets.ts'
import {
  type ArtifactRow,
  consumeArtifact,
  deleteArtifact,
  deleteByGrant,
  endSessions,
  findArtifact,
  findArtifactBy,
  grantById,
  insertArtifact,
  insertWithParent,
  isSessionAlive,
  payloadContext,
  putArtifact,
  replaceArtifact,
} from '../sessions/store.ts'
import type { Cache } from '../store/cache.ts'
import { mark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import { transaction } from '../store/transaction.ts'
import { userOfSignIn } from '../users/store.ts'
import { toClientMetadata } from './client-metadata.ts'
import { alreadyUsed, beginRotation, completeRotation, keepSuccessor } from './rotation.ts'
import { EndedError, originOf, type SessionAdapter } from './session-model.ts'

/** Another request has used a value that may be used once. */
export class AlreadyUsedError extends Error {
  override name = 'AlreadyUsedError'
}

/** oidc-provider's storage, one instance for each kind of artifact. */
export function createAdapter(ctx: Context, cache: Cache, kind: string): Adapter {
  return kind === 'Client' ? new ApplicationAdapter(ctx, cache) : new ArtifactAdapter(ctx, kind)
}

/** Kinds that are issued from a grant and end with it. */
const ofGrant = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken'])

class ArtifactAdapter implements Adapter, SessionAdapter {
  readonly #ctx: Context
  readonly #kind: string

  constructor(ctx: Context, kind: string) {
    this.#ctx = ctx
    this.#kind = kind
  }

  /** @throws when what the artifact depends on has ended since the request loaded it */
  async upsert(id: string, payload: AdapterPayload, expiresInSeconds?: number): Promise<void> {
    const written = await this.#write(payload, this.#rowOf(id, payload, expiresInSeconds))
    // Last of the request's writes, so that a failure of the one above costs no refresh token.
    if (this.#kind === 'AccessToken') await completeRotation(this.#ctx.store)
    // A token of a grant that has ended is answered but not stored, so it is worth nothing. To refuse the request would
    // leave parallel uses of one code or refresh token, whose losers end the grant, without the one that succeeds.
    if (!written && this.#kind !== 'AccessToken' && this.#kind !== 'RefreshToken') throw ended(this.#kind)
  }

  #rowOf(id: string, payload: AdapterPayload, expiresInSeconds?: number): Omit<ArtifactRow, 'consumed_at'> {
    const { sealer, clock } = this.#ctx
    const idHash = sha256(id)
    const now = clock()
    return {
      kind: this.#kind,
      id_hash: idHash,
      payload: sealer.seal(JSON.stringify(payload), payloadContext(this.#kind, idHash)),
      grant_id: payload.grantId ?? (this.#kind === 'Grant' ? id : null),
      uid: this.#kind === 'Session' ? (payload.uid ?? null) : null,
      user_code: payload.userCode ?? null,
      user_id: payload.accountId ?? payload.session?.accountId ?? null,
      client_id: payload.clientId ?? null,
      created_at: now,
      expires_at: expiresInSeconds ? now + expiresInSeconds * 1000 : null,
    }
  }

  async #write(payload: AdapterPayload, row: Omit<ArtifactRow, 'consumed_at'>): Promise<boolean> {
    const { db } = this.#ctx.store
    const origin = originOf(payload)
    if (origin && 'loadedAs' in origin) return replaceArtifact(db, sha256(origin.loadedAs), row)
    if (origin) return insertWithParent(db, row, userOfSignIn(db, origin.signIn))
    if (this.#kind === 'RefreshToken' && keepSuccessor(row)) return true
    if (ofGrant.has(this.#kind))
      return insertWithParent(db, row, grantById(db, sha256(payload.grantId ?? '')))
    // oidc-provider looks for an earlier use before it writes this one, and two requests may both find none.
    if (this.#kind === 'ReplayDetection') return insertArtifact(db, row)
    await putArtifact(db, row)
    return true
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#open(await findArtifact(this.#ctx.store.db, this.#kind, sha256(id)))
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#open(await findArtifactBy(this.#ctx.store.db, this.#kind, 'uid', uid))
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#open(await findArtifactBy(this.#ctx.store.db, this.#kind, 'user_code', userCode))
  }

  /** Of parallel uses one wins; the others learn it here, whatever `find` told them before. */
  async consume(id: string): Promise<void> {
    const { store, clock } = this.#ctx
    const idHash = sha256(id)
    const now = clock()
    if (this.#kind === 'RefreshToken') {
      const isWithinLeeway = (db: Db, used: ArtifactRow) => this.#withinLeeway(db, used, now)
      beginRotation({ usedIdHash: idHash, now, isWithinLeeway })
      return
    }
    if (await consumeArtifact(store.db, this.#kind, idHash, now)) return
    const row = await findArtifact(store.db, this.#kind, idHash)
    if (this.#kind === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri(alreadyUsed)
    if (row?.grant_id && this.#kind !== 'DeviceCode') await this.revokeByGrantId(row.grant_id)
    throw new errors.InvalidGrant(alreadyUsed)
  }

  async destroy(id: string): Promise<void> {
    await deleteArtifact(this.#ctx.store.db, this.#kind, sha256(id))
  }

  isAlive(uid: string): Promise<boolean> {
    return isSessionAlive(this.#ctx.store.db, uid)
  }

  end(uid: string): Promise<void> {
    return transaction(this.#ctx, async (tx) => {
      for (const subject of await endSessions(tx.db, { uid }))
        mark(tx, { effect: 'loss', reason: 'session', subject })
    })
  }

  async replace(uid: string): Promise<void> {
    await transaction(this.#ctx, (tx) => endSessions(tx.db, { uid }))
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await deleteByGrant(this.#ctx.store.db, grantId)
  }

  async #open(row: ArtifactRow | undefined): Promise<AdapterPayload | undefined> {
    if (!row) return undefined
    const { sealer, clock, store } = this.#ctx
    const payload: AdapterPayload = JSON.parse(
      sealer.open(row.payload, payloadContext(this.#kind, row.id_hash)),
    )
    if (row.consumed_at === null || (await this.#withinLeeway(store.db, row, clock()))) return payload
    // A device polls. A poll that comes too late ends nothing: the request that succeeded still needs the grant.
    if (this.#kind === 'DeviceCode') return undefined
    return { ...payload, consumed: Math.floor(row.consumed_at / 1000) }
  }

  /** Auth0's `refresh_token.leeway`: tabs that refresh at the same moment do not sign each other out. */
  async #withinLeeway(db: Db, row: ArtifactRow, now: number): Promise<boolean> {
    if (this.#kind !== 'RefreshToken' || row.consumed_at === null || row.client_id === null) return false
    const application = await findApplication(db, row.client_id)
    const leewaySeconds = application?.data.refresh_token?.leeway ?? 0
    return leewaySeconds > 0 && now < row.consumed_at + leewaySeconds * 1000
  }
}

/** What the request answers whose artifact was ended while it ran. */
function ended(kind: string): Error {
  switch (kind) {
    case 'Session':
      return new EndedError()
    case 'Interaction':
      return new errors.SessionNotFound('authorization request has expired')
    case 'ReplayDetection':
      return new AlreadyUsedError(alreadyUsed)
    default:
      return new errors.LoginRequired('The session has ended')
  }
}

/** Applications are the tenant's, not the protocol's: oidc-provider may read them. */
class ApplicationAdapter implements Adapter {
  readonly #ctx: Context

  readonly #cache: Cache

  constructor(ctx: Context, cache: Cache) {
    this.#ctx = ctx
    this.#cache = cache
  }

  async find(clientId: string): Promise<AdapterPayload | undefined> {
    const { store, clock } = this.#ctx
    const compose = await this.#cache.get(`client:${clientId}`, async () => {
      const application = await findApplication(store.db, clientId)
      if (!application || application.isGlobal) return undefined
      const lasting = toClientMetadata(application, clock())
      // An expired key is left out, so such an application is composed at each use.
      const ends = application.credentials.some(({ expiresAt }) => expiresAt !== undefined)
      return () => (ends ? toClientMetadata(application, clock()) : lasting)
    })
    return compose?.()
  }

  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async upsert(): Promise<void> {
    throw new Error('applications are not written by the protocol')
  }
  async consume(): Promise<void> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}
