import { type CryptoKey, importJWK, type JWK } from 'jose'
import { InvalidTokenError, KeysUnavailableError } from '../bearer/errors.ts'
import { type Algorithm, isAsymmetric, keyFitsAlgorithm } from './algorithms.ts'
import { isJsonObject } from './json.ts'

/** A JWK Set (RFC 7517 §5). */
export interface JwkSet {
  readonly keys: readonly object[]
}

export interface KeyPolicy {
  /** Least time between two loads that unknown keys asked for. */
  cooldownMs: number
  /** Least time between two loads while none has succeeded since the last failure. */
  retryMs: number
  /** Age from which the keys are loaded anew: in the background from half of it on. */
  maxAgeMs: number
}

export interface KeyRingOptions {
  issuer: string
  /** Loads the issuer's JWK Set; what it returns is checked. */
  load: () => unknown
  policy: KeyPolicy
  /** Milliseconds since the epoch. */
  now: () => number
  /** Called once per outage, when the first load fails. */
  warn: (message: string, cause: unknown) => void
}

/** A key that is ready to verify with. */
export interface VerificationKey {
  readonly key: CryptoKey | Uint8Array
  readonly origin: KeyOrigin
}

export interface KeyOrigin {
  /** Set once the issuer publishes the key no longer: what it signed no longer counts, cached or not. */
  retired: boolean
}

interface PublishedKey extends KeyOrigin {
  readonly jwk: JWK
  /** The public members as text, to tell a key that stayed from one that was replaced under the same id. */
  readonly identity: string
  readonly imported: Map<string, VerificationKey>
}

const publicMembers = ['kty', 'crv', 'n', 'e', 'x', 'y', 'kid', 'alg', 'use'] as const
const mostKeys = 200

/**
 * The keys of one issuer, loaded when first needed, kept fresh, and never given up for a load that failed.
 *
 * - An unknown `kid` asks for one load per cool-down at most, however many tokens carry one (RFC 8725 §3.10).
 * - From half of their age limit on, keys are reloaded behind the back of the request that notices.
 * - Past the limit a request waits for the reload, unless the last one failed: then the keys at hand go on serving.
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
   * The key a token's header asks for, at once where it is ready. A token without `kid` matches only a key published
   * without one.
   *
   * Rejects with InvalidTokenError when the issuer has no such key, with KeysUnavailableError while none was ever loaded.
   */
  find(algorithm: Algorithm, kid: string | undefined): VerificationKey | Promise<VerificationKey> {
    const ready = this.#match(algorithm, kid)?.imported.get(algorithm)
    if (ready !== undefined && this.#now() - this.#loadedAt < this.#policy.maxAgeMs / 2) return ready
    return this.#findAnew(algorithm, kid)
  }

  /** Whether {@link find} has a key for this without asking the issuer. */
  knows(algorithm: Algorithm, kid: string | undefined): boolean {
    return this.#match(algorithm, kid) !== undefined
  }

  async #findAnew(algorithm: Algorithm, kid: string | undefined): Promise<VerificationKey> {
    await this.#freshen()
    const known = this.#match(algorithm, kid)
    if (known !== undefined) return importedKey(known, algorithm)
    if (this.#mayLoad(this.#policy.cooldownMs)) await this.reload()
    else await this.#pending
    const found = this.#match(algorithm, kid)
    if (found === undefined) throw new InvalidTokenError('unknown_key')
    return importedKey(found, algorithm)
  }

  /** Called on every request that the cache answers, so that a withdrawn key is noticed without a cache miss. */
  noticeAge(now: number): void {
    if (now - this.#loadedAt >= this.#policy.maxAgeMs / 2) this.#refreshBehind()
  }

  /** Loads the keys now; resolves when that is done, well or badly. Simultaneous calls share one load. */
  reload(): Promise<void> {
    this.#pending ??= this.#loadOnce().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #freshen(): Promise<void> {
    if (this.#keys === undefined) {
      if (this.#pending !== undefined || this.#mayLoad(0)) await this.reload()
      if (this.#keys === undefined) throw new KeysUnavailableError(this.#failure)
      return
    }
    const age = this.#now() - this.#loadedAt
    if (age >= this.#policy.maxAgeMs && this.#failure === undefined) await this.reload()
    else if (age >= this.#policy.maxAgeMs / 2) this.#refreshBehind()
  }

  #refreshBehind(): void {
    if (this.#pending === undefined && this.#mayLoad(0)) void this.reload()
  }

  #mayLoad(cooldownMs: number): boolean {
    const wait = this.#failure === undefined ? cooldownMs : Math.max(cooldownMs, this.#policy.retryMs)
    return this.#now() - this.#attemptedAt >= wait
  }

  async #loadOnce(): Promise<void> {
    this.#attemptedAt = this.#now()
    try {
      this.#accept(await this.#load())
      this.#loadedAt = this.#now()
      this.#failure = undefined
    } catch (failure) {
      const isFirst = this.#failure === undefined
      this.#failure = failure ?? new Error('The key source failed without saying why')
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

  /** Takes over a set that holds at least one usable key; anything else counts as a failed load. */
  #accept(set: unknown): void {
    const listed = isJsonObject(set) ? set['keys'] : undefined
    if (!Array.isArray(listed)) throw new TypeError('the issuer does not publish a JWK Set')
    const usable = listed.slice(0, mostKeys).filter(isVerificationJwk)
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

/** RFC 7517 §4.2 and §4.3: only a key meant for verifying signatures. Symmetric keys are never taken from a set. */
export function isVerificationJwk(value: unknown): value is JWK {
  if (!isJsonObject(value)) return false
  const jwk = value
  if (jwk['kty'] !== 'RSA' && jwk['kty'] !== 'EC' && jwk['kty'] !== 'OKP') return false
  if (jwk['kid'] !== undefined && typeof jwk['kid'] !== 'string') return false
  if (jwk['alg'] !== undefined && !(typeof jwk['alg'] === 'string' && isAsymmetric(jwk['alg']))) return false
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return false
  return jwk['key_ops'] === undefined || (Array.isArray(jwk['key_ops']) && jwk['key_ops'].includes('verify'))
}

/** Private members that an issuer publishes by mistake go no further than this. */
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
