import { keyAlgs } from '@rolecall/contract'
import type { JWK } from 'jose'
import type { Context } from '../context.ts'
import {
  addAlgorithm,
  byState,
  isDue,
  publishedPrevious,
  replaceKeys,
  revokeKey,
  rotateKeys,
} from './rotation.ts'
import { type KeyAlg, openPrivateJwk, type SigningKey } from './signing-key.ts'
import { listKeys } from './store.ts'

/** The keys that sign tokens. A key is published one rotation before it signs, and for some time afterwards. */
export interface KeyRing {
  /** The key that signs ID tokens, log-out tokens and events. */
  current(): { kid: string; alg: 'RS256'; privateJwk: JWK }
  /** The key that signs the tokens of APIs with this algorithm; undefined without {@link KeyRing.require}. */
  kidFor(alg: KeyAlg): string | undefined
  /** Makes the first keys of an algorithm, unless there are some. */
  require(alg: KeyAlg): Promise<void>
  /** Private keys: current first, then next, then previous ones, of RS256 before the others. */
  all(): JWK[]
  /** The document at `/.well-known/jwks.json`: one object until the keys are loaded again. */
  publicJwks(): { keys: JWK[] }
  /** All keys, newest first. */
  list(): SigningKey[]
  /**
   * Makes the next key of each algorithm the current one and publishes a new next one.
   * @param description of an entry in the log; the routes of the Management API write their own
   * @returns the current key for RS256
   * @throws ApiError 409 `too_many_signing_keys`
   */
  rotate(description?: string): Promise<SigningKey>
  /** As `rotate`, where a key signs for so long. Does nothing where another server has just done it. */
  rotateAfter(milliseconds: number): Promise<void>
  /** Revokes a previous key immediately. @throws ApiError 404; 400 for a current or next key, which must be rotated away first */
  revoke(kid: string): Promise<SigningKey>
  /** Signs with new keys, and revokes all others immediately. */
  replaceAll(description: string): Promise<void>
  /** Reads the store again: another server may have rotated. */
  reload(): Promise<void>
  /** Rejects when the keys in the store cannot be read or opened. Changes nothing. */
  check(): Promise<void>
  /** Calls back after each change of the ring. Returns the function that unsubscribes. */
  onChange(listener: () => void): () => void
}

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

/** Opens the ring. The first start creates two keys. */
export async function openKeyRing(ctx: Deps): Promise<KeyRing> {
  let keys = await listKeys(ctx.store.db)
  if (!signs(keys, 'RS256')) {
    await addAlgorithm(ctx, 'RS256')
    keys = await listKeys(ctx.store.db)
  }
  let published = arrange(ctx, keys)
  const listeners = new Set<() => void>()

  const reload = async () => {
    const fresh = await listKeys(ctx.store.db)
    const changed = fresh.map(identify).join() !== keys.map(identify).join()
    keys = fresh
    published = arrange(ctx, keys)
    if (changed) for (const listener of listeners) listener()
  }

  return {
    current: () => published.current,
    kidFor: (alg) => keys.find((key) => key.state === 'current' && key.alg === alg)?.kid,
    async require(alg) {
      if (signs(keys, alg)) return
      await reload()
      if (signs(keys, alg)) return
      await addAlgorithm(ctx, alg)
      await reload()
    },
    all: () => published.privateJwks,
    publicJwks: () => published.jwks,
    list: () => keys,
    reload,
    async check() {
      arrange(ctx, await listKeys(ctx.store.db))
    },
    async rotate(description) {
      await rotateKeys(ctx, keys, description)
      await reload()
      return byState(keys, 'current', 'RS256')
    },
    async rotateAfter(milliseconds) {
      const signingBefore = ctx.clock() - milliseconds
      if (!isDue(keys, signingBefore)) return
      await rotateKeys(ctx, keys, 'The signing keys were rotated on schedule', signingBefore)
      await reload()
    },
    async revoke(kid) {
      const revoked = await revokeKey(ctx, kid)
      await reload()
      return revoked
    },
    async replaceAll(description) {
      await replaceKeys(ctx, keys, description)
      await reload()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const identify = ({ kid, state }: SigningKey) => `${kid}:${state}`

function signs(keys: readonly SigningKey[], alg: KeyAlg): boolean {
  return keys.some((key) => key.state === 'current' && key.alg === alg)
}

function arrange({ sealer, clock }: Deps, keys: SigningKey[]) {
  const active = keyAlgs.flatMap((alg) =>
    signs(keys, alg) ? [byState(keys, 'current', alg), byState(keys, 'next', alg)] : [],
  )
  const inOrder = [...active, ...publishedPrevious(keys, clock())]
  const privateJwks = inOrder.map((key) => openPrivateJwk(sealer, key))
  const [first] = privateJwks
  if (!first) throw new Error('the key ring is empty')
  return {
    current: { kid: byState(keys, 'current', 'RS256').kid, alg: 'RS256' as const, privateJwk: first },
    privateJwks,
    jwks: { keys: inOrder.map(({ publicJwk }) => publicJwk) },
  }
}
