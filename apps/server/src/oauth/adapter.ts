import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { sha256 } from '../crypto/digest.ts'
import {
  type ArtifactRow,
  consumeArtifact,
  deleteArtifact,
  deleteByGrant,
  findArtifact,
  findArtifactBy,
  putArtifact,
} from '../sessions/store.ts'
import type { Memory } from '../store/memory.ts'
import { toClientMetadata } from './client-metadata.ts'

/** The private detail of the error that the losers of a race get. */
export const alreadyUsed = 'used by another request at the same time'

/** oidc-provider's storage, one instance for each kind of artifact. */
export function createAdapter(ctx: Context, memory: Memory, kind: string): Adapter {
  return kind === 'Client' ? new ApplicationAdapter(ctx, memory) : new ArtifactAdapter(ctx, kind)
}

class ArtifactAdapter implements Adapter {
  readonly #ctx: Context
  readonly #kind: string

  constructor(ctx: Context, kind: string) {
    this.#ctx = ctx
    this.#kind = kind
  }

  async upsert(id: string, payload: AdapterPayload, expiresInSeconds?: number): Promise<void> {
    const { store, sealer, clock } = this.#ctx
    const idHash = sha256(id)
    const now = clock()
    await putArtifact(store.db, {
      kind: this.#kind,
      id_hash: idHash,
      payload: sealer.seal(JSON.stringify(payload), this.#place(idHash)),
      grant_id: payload.grantId ?? (this.#kind === 'Grant' ? id : null),
      uid: this.#kind === 'Session' ? (payload.uid ?? null) : null,
      user_code: payload.userCode ?? null,
      user_id: payload.accountId ?? payload.session?.accountId ?? null,
      client_id: payload.clientId ?? null,
      created_at: now,
      expires_at: expiresInSeconds ? now + expiresInSeconds * 1000 : null,
    })
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
    if (await consumeArtifact(store.db, this.#kind, idHash, now)) return
    const row = await findArtifact(store.db, this.#kind, idHash)
    if (row && (await this.#withinLeeway(row, now))) return
    if (row?.grant_id) await this.revokeByGrantId(row.grant_id)
    throw new errors.InvalidGrant(alreadyUsed)
  }

  async destroy(id: string): Promise<void> {
    await deleteArtifact(this.#ctx.store.db, this.#kind, sha256(id))
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await deleteByGrant(this.#ctx.store.db, grantId)
  }

  async #open(row: ArtifactRow | undefined): Promise<AdapterPayload | undefined> {
    if (!row) return undefined
    const { sealer, clock } = this.#ctx
    const payload: AdapterPayload = JSON.parse(sealer.open(row.payload, this.#place(row.id_hash)))
    if (row.consumed_at === null || (await this.#withinLeeway(row, clock()))) return payload
    return { ...payload, consumed: Math.floor(row.consumed_at / 1000) }
  }

  /** Auth0's `refresh_token.leeway`: tabs that refresh at the same moment do not sign each other out. */
  async #withinLeeway(row: ArtifactRow, now: number): Promise<boolean> {
    if (this.#kind !== 'RefreshToken' || row.consumed_at === null || row.client_id === null) return false
    const application = await findApplication(this.#ctx.store.db, row.client_id)
    const leewaySeconds = application?.data.refresh_token?.leeway ?? 0
    return leewaySeconds > 0 && now < row.consumed_at + leewaySeconds * 1000
  }

  #place(idHash: string): string {
    return `artifact/${this.#kind}/${idHash}`
  }
}

/** Applications are the tenant's, not the protocol's: oidc-provider may read them. */
class ApplicationAdapter implements Adapter {
  readonly #ctx: Context

  readonly #memory: Memory

  constructor(ctx: Context, memory: Memory) {
    this.#ctx = ctx
    this.#memory = memory
  }

  async find(clientId: string): Promise<AdapterPayload | undefined> {
    const { store, clock } = this.#ctx
    const compose = await this.#memory.recall(`client:${clientId}`, async () => {
      const application = await findApplication(store.db, clientId)
      if (!application || application.isGlobal) return undefined
      const lasting = toClientMetadata(application, clock())
      // A key that ends takes itself away: such an application is composed anew each time.
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
