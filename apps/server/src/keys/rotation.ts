import type { Context } from '../context.ts'
import { conflict, notFound, notSupported } from '../http/api-error.ts'
import { writeLog } from '../logs/log.ts'
import { recordChange } from '../store/changes.ts'
import { isUniqueViolation } from '../store/constraints.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { type KeyAlg, makeSigningKey, type SigningKey } from './signing-key.ts'
import { insertKey, lockKeys, saveKey } from './store.ts'

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

/** Longer than the maximum lifetime of an access token (30 days), so that each can be verified until it expires. */
const keepPreviousMs = 31 * 86_400_000

/**
 * Every key is published, and opened by each server at each rotation, until its tokens have expired. A JSON Web Key Set
 * of this size has about 10 kB.
 */
const maxPreviousKeys = 20

/** The first keys of an algorithm: one that signs, and the next one. */
export async function addAlgorithm(ctx: Deps, alg: KeyAlg): Promise<void> {
  const pair = await Promise.all([makeSigningKey(ctx, 'current', alg), makeSigningKey(ctx, 'next', alg)])
  try {
    await transaction(ctx, async (tx) => {
      for (const key of pair) await insertKey(tx.db, key)
      await recordChange(tx, 'signing-key', alg)
    })
  } catch (error) {
    // Another server has made them at the same time.
    if (!isUniqueViolation(error)) throw error
  }
}

/**
 * Makes the next key of each algorithm the current one, unless the current ones sign since a time after `signingBefore`:
 * of servers that rotate on the same schedule, one does.
 * @param description of an entry in the log; the routes of the Management API write their own
 * @throws ApiError 409 `too_many_signing_keys`
 */
export async function rotateKeys(
  ctx: Deps,
  keys: readonly SigningKey[],
  description?: string,
  signingBefore = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (const { alg, state } of keys) if (state === 'current') requireRoom(keys, alg, ctx.clock())
  const fresh = await makeKeys(ctx, keys, ['next'])
  await transaction(ctx, async (tx) => {
    const locked = await lockKeys(tx.db)
    if (!isDue(locked, signingBefore)) return
    for (const key of fresh) await rotateIn(tx, locked, key)
    if (description !== undefined) await writeLog(tx.db, { type: 'sapi', description, date: tx.now })
  })
}

/** Whether a key signs since this time or an earlier one. */
export function isDue(keys: readonly SigningKey[], signingBefore: number): boolean {
  return keys.some(({ state, currentSince = 0 }) => state === 'current' && currentSince <= signingBefore)
}

async function rotateIn(tx: Tx, keys: readonly SigningKey[], fresh: SigningKey): Promise<void> {
  const { db, now } = tx
  requireRoom(keys, fresh.alg, now)
  await saveKey(db, { ...byState(keys, 'current', fresh.alg), state: 'previous', currentUntil: now })
  await saveKey(db, { ...byState(keys, 'next', fresh.alg), state: 'current', currentSince: now })
  await insertKey(db, fresh)
  await recordChange(tx, 'signing-key', fresh.kid)
}

/** Revokes a previous key. @throws ApiError 404; 400 for a current or next key */
export function revokeKey(ctx: Deps, kid: string): Promise<SigningKey> {
  return transaction(ctx, async (tx) => {
    const key = (await lockKeys(tx.db)).find((candidate) => candidate.kid === kid)
    if (!key) throw notFound('The signing key does not exist', 'inexistent_signing_key')
    if (key.state === 'revoked') return key
    if (key.state !== 'previous')
      throw notSupported(`The ${key.state} signing key cannot be revoked: rotate until it is a previous one`)
    return revokeIn(tx, key)
  })
}

/** Signs with new keys from now on and revokes every other one, the next ones too: they may have been stolen together. */
export async function replaceKeys(
  ctx: Deps,
  keys: readonly SigningKey[],
  description: string,
): Promise<void> {
  const fresh = await makeKeys(ctx, keys, ['current', 'next'])
  await transaction(ctx, async (tx) => {
    for (const key of await lockKeys(tx.db)) if (key.state !== 'revoked') await revokeIn(tx, key)
    for (const key of fresh) await insertKey(tx.db, key)
    await recordChange(tx, 'signing-key', 'all')
    await writeLog(tx.db, { type: 'sapi', description, date: tx.now })
  })
}

async function revokeIn(tx: Tx, key: SigningKey): Promise<SigningKey> {
  const revoked: SigningKey = { ...key, state: 'revoked', revokedAt: tx.now }
  await saveKey(tx.db, revoked)
  await recordChange(tx, 'signing-key', key.kid)
  return revoked
}

/** New keys of every algorithm that has some. */
function makeKeys(
  ctx: Deps,
  keys: readonly SigningKey[],
  states: readonly ('current' | 'next')[],
): Promise<SigningKey[]> {
  const algs = keys.filter(({ state }) => state === 'current').map(({ alg }) => alg)
  return Promise.all(algs.flatMap((alg) => states.map((state) => makeSigningKey(ctx, state, alg))))
}

/** @throws where the algorithm has no such key */
export function byState(keys: readonly SigningKey[], state: 'current' | 'next', alg: KeyAlg): SigningKey {
  const key = keys.find((candidate) => candidate.state === state && candidate.alg === alg)
  if (!key) throw new Error(`the key ring has no ${state} key for ${alg}`)
  return key
}

export function publishedPrevious(keys: readonly SigningKey[], now: number): SigningKey[] {
  return keys.filter(
    ({ state, currentUntil = 0 }) => state === 'previous' && currentUntil + keepPreviousMs > now,
  )
}

function requireRoom(keys: readonly SigningKey[], alg: KeyAlg, now: number): void {
  const previous = publishedPrevious(keys, now).filter((key) => key.alg === alg)
  if (previous.length >= maxPreviousKeys)
    throw conflict(
      `There are ${maxPreviousKeys} previous signing keys whose tokens may still be valid: revoke some of them first`,
      'too_many_signing_keys',
    )
}
