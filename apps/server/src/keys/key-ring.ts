import type { JWK } from 'jose'
import type { Context } from '../context.ts'
import { conflict, notFound, notSupported } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { isUniqueViolation } from '../store/constraints.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { makeSigningKey, openPrivateJwk, type SigningKey } from './signing-key.ts'
import { insertKey, listKeys, lockKeys, saveKey } from './store.ts'

/** The keys that sign tokens. A key is published one rotation before it signs, and for some time afterwards. */
export interface KeyRing {
  current(): { kid: string; alg: 'RS256'; privateJwk: JWK }
  /** Private keys: current first, then next, then previous ones. */
  all(): JWK[]
  /** The document at `/.well-known/jwks.json`. */
  publicJwks(): { keys: JWK[] }
  /** All keys, newest first. */
  list(): SigningKey[]
  /**
   * Makes `next` the current key and publishes a new `next`.
   * @returns the current key
   * @throws ApiError 409 `too_many_signing_keys`
   */
  rotate(): Promise<SigningKey>
  /** Revokes a previous key immediately. @throws ApiError 404; 400 for a current or next key, which must be rotated away first */
  revoke(kid: string): Promise<SigningKey>
  /** Reads the store again: another server may have rotated. */
  reload(): Promise<void>
  /** Rejects when the keys in the store cannot be read or opened. Changes nothing. */
  check(): Promise<void>
  /** Calls back after each change of the ring. Returns the function that unsubscribes. */
  onChange(listener: () => void): () => void
}

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

/** Longer than the maximum lifetime of an access token (30 days), so that each can be verified until it expires. */
const keepPreviousMs = 31 * 86_400_000

/**
 * Every key is published, and opened by each server at each rotation, until its tokens have expired. A JSON Web Key Set
 * of this size has about 10 kB.
 */
const maxPreviousKeys = 20

/** Opens the ring. The first start creates two keys. */
export async function openKeyRing(ctx: Deps): Promise<KeyRing> {
  let keys = await listKeys(ctx.store.db)
  if (!keys.some(({ state }) => state === 'current')) {
    await makeFirstKeys(ctx)
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
    all: () => published.privateJwks,
    publicJwks: () => ({ keys: published.publicJwks }),
    list: () => keys,
    reload,
    async check() {
      arrange(ctx, await listKeys(ctx.store.db))
    },
    async rotate() {
      requireRoom(keys, ctx.clock())
      const fresh = await makeSigningKey(ctx, 'next')
      await transaction(ctx, (tx) => rotateIn(tx, fresh))
      await reload()
      return byState(keys, 'current')
    },
    async revoke(kid) {
      const revoked = await transaction(ctx, (tx) => revokeIn(tx, kid))
      await reload()
      return revoked
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

async function makeFirstKeys(ctx: Deps): Promise<void> {
  const pair = await Promise.all([makeSigningKey(ctx, 'current'), makeSigningKey(ctx, 'next')])
  try {
    await transaction(ctx, async ({ db }) => {
      for (const key of pair) await insertKey(db, key)
    })
  } catch (error) {
    // Another server, which starts at the same time, has created them.
    if (!isUniqueViolation(error)) throw error
  }
}

async function rotateIn(tx: Tx, fresh: SigningKey): Promise<void> {
  const { db, now } = tx
  const keys = await lockKeys(db)
  requireRoom(keys, now)
  await saveKey(db, { ...byState(keys, 'current'), state: 'previous', currentUntil: now })
  await saveKey(db, { ...byState(keys, 'next'), state: 'current', currentSince: now })
  await insertKey(db, fresh)
  await recordChange(tx, 'signing-key', fresh.kid)
}

async function revokeIn(tx: Tx, kid: string): Promise<SigningKey> {
  const { db, now } = tx
  const key = (await lockKeys(db)).find((candidate) => candidate.kid === kid)
  if (!key) throw notFound('The signing key does not exist', 'inexistent_signing_key')
  if (key.state === 'revoked') return key
  if (key.state !== 'previous')
    throw notSupported(`The ${key.state} signing key cannot be revoked: rotate until it is a previous one`)
  const revoked: SigningKey = { ...key, state: 'revoked', revokedAt: now }
  await saveKey(db, revoked)
  await recordChange(tx, 'signing-key', kid)
  return revoked
}

const identify = ({ kid, state }: SigningKey) => `${kid}:${state}`

function byState(keys: SigningKey[], state: 'current' | 'next'): SigningKey {
  const key = keys.find((candidate) => candidate.state === state)
  if (!key) throw new Error(`the key ring has no ${state} key`)
  return key
}

function publishedPrevious(keys: SigningKey[], now: number): SigningKey[] {
  return keys.filter(
    ({ state, currentUntil = 0 }) => state === 'previous' && currentUntil + keepPreviousMs > now,
  )
}

function requireRoom(keys: SigningKey[], now: number): void {
  if (publishedPrevious(keys, now).length >= maxPreviousKeys)
    throw conflict(
      `There are ${maxPreviousKeys} previous signing keys whose tokens may still be valid: revoke some of them first`,
      'too_many_signing_keys',
    )
}

function arrange({ sealer, clock }: Deps, keys: SigningKey[]) {
  const previous = publishedPrevious(keys, clock())
  const inOrder = [byState(keys, 'current'), byState(keys, 'next'), ...previous]
  const privateJwks = inOrder.map((key) => openPrivateJwk(sealer, key))
  const [first] = privateJwks
  if (!first) throw new Error('the key ring is empty')
  return {
    current: { kid: byState(keys, 'current').kid, alg: 'RS256' as const, privateJwk: first },
    privateJwks,
    publicJwks: inOrder.map(({ publicJwk }) => publicJwk),
  }
}
