import { type CryptoKey, importJWK, type JWK } from 'jose'
import { InvalidTokenError, KeysUnavailableError } from '../bearer/errors.ts'
import { type Algorithm, isAsymmetric, keyFitsAlgorithm } from './algorithms.ts'
import { isJsonObject } from './json.ts'

/**
 * A JWK Set (RFC 7517 §5). The guard uses the public keys in it that can verify signatures and ignores the others.
 *
 * @example
 * ```ts
 * import { createGuard, type JwkSet } from '@rolecall/guard'
 *
 * const keys: JwkSet = issuer.keys()
 * createGuard({ issuer: issuer.issuer, audience: issuer.audience, keys })
 * ```
 */
export interface JwkSet {
  readonly keys: readonly object[]
}

/** How often the keys of an issuer are loaded. */
export interface KeyPolicy {
  /** Minimum time between two loads that tokens with unknown keys cause. */
  cooldownMs: number
  /** Minimum time between two loads after a failed one. */
  retryMs: number
  /** Maximum age of the keys. From half of it on they are loaded again in the background. */
  maxAgeMs: number
}

/** What a key ring is created with. */
export interface KeyRingOptions {
  /** For messages. */
  issuer: string
  /** Loads the issuer's JWK Set; what it returns is checked. */
  load: () => unknown
  policy: KeyPolicy
  /** Milliseconds since the epoch. */
  now: () => number
  /** Called once per outage, when the first load fails. */
  warn: (message: string, cause: unknown) => void
}

/** An imported key. */
export interface VerificationKey {
  readonly key: CryptoKey | Uint8Array
  readonly origin: KeyOrigin
}

/** The published key that a verification key was imported from. */
export interface KeyOrigin {
  /** Whether the issuer has withdrawn the key. Tokens that it signed are then no longer valid, cached or not. */
  retired: boolean
}

interface PublishedKey extends KeyOrigin {
  readonly jwk: JWK
  /** The public members as text: a key that is replaced under the same `kid` is another key. */
  readonly identity: string
  readonly imported: Map<string, VerificationKey>
}

const keyTypes: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP'])
const publicMembers = ['kty', 'crv', 'n', 'e', 'x', 'y', 'kid', 'alg', 'use'] as const
/** Of a JWK Set; the keys after them are ignored. */
const maxKeys = 200

/**
 * The keys of one issuer. They are loaded when the first token needs them, and stay in use when a later load fails.
 *
 * - Tokens with an unknown `kid` cause at most one load per cool-down (RFC 8725 §3.10).
 * - From half of the maximum age on, a request causes a load in the background.
 * - Past the maximum age, a request waits for the load, unless the last load failed.
 *
 * @example
 * ```ts
 * const policy = { cooldownMs: 5_000, retryMs: 1_000, maxAgeMs: 60_000 }
 * const options = { issuer: issuer.issuer, load: issuer.keys, policy, now: Date.now, warn: console.warn }
 * const { key } = await new KeyRing(options).find('RS256', 'test-key-1')
 * ```
 */
export class KeyRing {
  readonly #issuer: string
  readonly #load: () => unknown
  readonly #policy: KeyPolicy
  readonly #now: () => number
  readonly #warn: (message: string, cause: unknown) => void
  #keys: PublishedKey[] | undefined
  #loadedAt = 0
  #attemptedAt = Number.NEGATIVE_INFINITY
  #failure: unknown
  #pending: Promise<void> | undefined

  constructor(options: KeyRingOptions) {
    this.#issuer = options.issuer
    this.#load = options.load
    this.#policy = options.policy
    this.#now = options.now
    this.#warn = options.warn
  }

  /**
   * The key for the `alg` and `kid` of a token, without a promise when it is imported and fresh. A token without `kid`
   * matches only a key that is published without one.
   *
   * Rejects with InvalidTokenError when the issuer has no such key, and with KeysUnavailableError when none was ever loaded.
   */
  find(algorithm: Algorithm, kid: string | undefined): VerificationKey | Promise<VerificationKey> {
    const ready = this.#match(algorithm, kid)?.imported.get(algorithm)
    if (ready !== undefined && this.#now() - this.#loadedAt < this.#policy.maxAgeMs / 2) return ready
    return this.#loadAndFind(algorithm, kid)
  }

  /** Whether the key is known without a load. */
  has(algorithm: Algorithm, kid: string | undefined): boolean {
    return this.#match(algorithm, kid) !== undefined
  }

  async #loadAndFind(algorithm: Algorithm, kid: string | undefined): Promise<VerificationKey> {
    await this.#ensureFresh()
    const known = this.#match(algorithm, kid)
    if (known !== undefined) return importedKey(known, algorithm)
    if (this.#mayLoad(this.#policy.cooldownMs)) await this.reload()
    else await this.#pending
    const found = this.#match(algorithm, kid)
    if (found === undefined) throw new InvalidTokenError('unknown_key')
    return importedKey(found, algorithm)
  }

  /** Called for every cached token, so that a withdrawn key is noticed without a cache miss. Returns immediately. */
  refreshIfStale(now: number): void {
    if (now - this.#loadedAt >= this.#policy.maxAgeMs / 2) this.#refreshInBackground()
  }

  /** Loads the keys now. Never rejects: a failed load is passed to `warn`. Concurrent calls share one load. */
  reload(): Promise<void> {
    this.#pending ??= this.#loadOnce().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #ensureFresh(): Promise<void> {
    if (this.#keys === undefined) {
      if (this.#pending !== undefined || this.#mayLoad(0)) await this.reload()
      if (this.#keys === undefined) throw new KeysUnavailableError(this.#failure)
      return
    }
    const age = this.#now() - this.#loadedAt
    if (age >= this.#policy.maxAgeMs && this.#failure === undefined) await this.reload()
    else if (age >= this.#policy.maxAgeMs / 2) this.#refreshInBackground()
  }

  #refreshInBackground(): void {
    if (this.#pending === undefined && this.#mayLoad(0)) void this.reload()
  }

  #mayLoad(cooldownMs: number): boolean {
    const wait = this.#failure === undefined ? cooldownMs : Math.max(cooldownMs, this.#policy.retryMs)
    return this.#now() - this.#attemptedAt >= wait
  }

  async #loadOnce(): Promise<void> {
    this.#attemptedAt = this.#now()
    try {
      this.#replaceKeys(await this.#load())
      this.#loadedAt = this.#now()
      this.#failure = undefined
    } catch (failure) {
      const isFirst = this.#failure === undefined
      this.#failure = failure ?? new Error('the keys function failed without an error')
      // Once per outage, not once per attempt.
      if (isFirst) this.#warn(this.#outageMessage(), failure)
    }
  }

  /** On one line, whatever the cause says. */
  #outageMessage(): string {
    const consequence =
      this.#keys === undefined
        ? 'Until they are loaded, requests with a token are answered 503.'
        : 'Tokens are verified with the keys that were loaded before.'
    const cause = this.#failure instanceof Error ? this.#failure.message : String(this.#failure)
    const message = `Cannot load the keys of the issuer ${this.#issuer}. ${consequence} Cause: ${cause}`
    return message.replaceAll(/[\s\p{Cc}]+/gu, ' ').slice(0, 1_000)
  }

  /** @throws TypeError for a set without a usable key, which counts as a failed load */
  #replaceKeys(set: unknown): void {
    const listed = isJsonObject(set) ? set['keys'] : undefined
    if (!Array.isArray(listed)) throw new TypeError('the issuer does not publish a JWK Set')
    const usable = listed.slice(0, maxKeys).filter(isVerificationJwk)
    if (usable.length === 0) throw new TypeError('the JWK Set has no key that can verify a signature')
    const before = this.#keys ?? []
    const after = usable.map((jwk) => {
      const published = publishedKey(jwk)
      return before.find((key) => key.identity === published.identity) ?? published
    })
    for (const key of before) if (!after.includes(key)) key.retired = true
    this.#keys = after
  }

  #match(algorithm: Algorithm, kid: string | undefined): PublishedKey | undefined {
    return this.#keys?.find(
      ({ jwk }) =>
        jwk.kid === kid &&
        (jwk.alg === undefined || jwk.alg === algorithm) &&
        keyFitsAlgorithm(jwk, algorithm),
    )
  }
}

/**
 * Whether a member of a JWK Set is a public key for verifying signatures (RFC 7517 §4.2 and §4.3). Symmetric keys are never
 * taken from a set.
 *
 * @example
 * ```ts
 * isVerificationJwk(issuer.keys().keys[0]) // => true
 * isVerificationJwk({ kty: 'oct', k: 'AAAA' }) // => false
 * ```
 */
export function isVerificationJwk(value: unknown): value is JWK {
  if (!isJsonObject(value)) return false
  const { kty, kid, alg, use, key_ops: operations } = value
  if (!keyTypes.has(kty)) return false
  if (kid !== undefined && typeof kid !== 'string') return false
  if (alg !== undefined && !(typeof alg === 'string' && isAsymmetric(alg))) return false
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

/** Keeps the public members only: an issuer may publish private ones by mistake. */
function publishedKey(jwk: JWK): PublishedKey {
  const members = publicMembers.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]])
  return {
    jwk: Object.fromEntries(members),
    identity: JSON.stringify(members),
    imported: new Map(),
    retired: false,
  }
}

async function importedKey(published: PublishedKey, algorithm: Algorithm): Promise<VerificationKey> {
  const ready = published.imported.get(algorithm)
  if (ready !== undefined) return ready
  let key: CryptoKey | Uint8Array
  try {
    key = await importJWK(published.jwk, algorithm)
  } catch (cause) {
    throw new InvalidTokenError('unusable_key', cause)
  }
  const imported = { key, origin: published }
  published.imported.set(algorithm, imported)
  return imported
}
