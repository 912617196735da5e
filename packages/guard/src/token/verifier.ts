import { InvalidTokenError } from '../bearer/errors.ts'
import type { Algorithm } from './algorithms.ts'
import { type ClaimRules, checkClaims } from './claims.ts'
import { type CompactToken, unverifiedIssuer } from './compact.ts'
import { type JwkSet, type KeyPolicy, KeyRing, type VerificationKey } from './key-ring.ts'
import { type Fetch, remoteKeys } from './remote-keys.ts'
import type { Claims } from './subject.ts'

/** One validated issuer. */
export interface Issuer {
  /** The exact `iss` of its tokens. */
  issuer: string
  /** The identifiers of this API. */
  audiences: readonly string[]
  algorithms: readonly Algorithm[]
  keys: KeySource | { from: 'secret'; secret: Uint8Array }
}

/** Where the public keys of an issuer come from. */
export type KeySource =
  | { from: 'local'; load: () => JwkSet | Promise<JwkSet> }
  | { from: 'remote'; jwksUri: string | undefined }

/** The options of a guard that concern verification. */
export interface VerifierOptions {
  strict: boolean
  clockToleranceSeconds: number
  keyPolicy: KeyPolicy
  timeoutMs: number
  fetch: Fetch
  now: () => number
  warn: (message: string, cause: unknown) => void
}

/** `typ` of access tokens: RFC 9068 §4, and that of any JWT, which Auth0 uses. */
const strictTypes: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt'])
const lenientTypes: ReadonlySet<string> = new Set([...strictTypes, 'jwt', 'application/jwt'])

/**
 * Verifies tokens of one issuer: header, key and claims. The guard itself calls jose for the signature.
 *
 * @example
 * ```ts
 * const keyPolicy = { cooldownMs: 5_000, retryMs: 1_000, maxAgeMs: 60_000 }
 * const policy = { strict: false, clockToleranceSeconds: 10, keyPolicy, timeoutMs: 3_000 }
 * const keys = { from: 'local', load: issuer.keys } as const
 * const trusted = { issuer: issuer.issuer, audiences: [issuer.audience], algorithms: ['RS256'] as const, keys }
 * new Verifier(trusted, { ...policy, fetch, now: Date.now, warn: console.warn }).accepted // => { algorithms: ['RS256'] }
 * ```
 */
export class Verifier {
  readonly issuer: string
  readonly ring: KeyRing | undefined
  /** For jose. */
  readonly accepted: { algorithms: Algorithm[] }
  readonly #rules: ClaimRules
  readonly #findKey: KeyRing['find']

  constructor(issuer: Issuer, options: VerifierOptions) {
    const { keys, algorithms, audiences } = issuer
    const { strict, clockToleranceSeconds } = options
    this.issuer = issuer.issuer
    this.accepted = { algorithms: [...algorithms] }
    this.#rules = { issuer: issuer.issuer, audiences, clockToleranceSeconds, strict }
    if (keys.from === 'secret') {
      const secret = { key: keys.secret, origin: { retired: false } }
      this.#findKey = () => secret
      return
    }
    const ring = createKeyRing(issuer.issuer, keys, options)
    this.ring = ring
    this.#findKey = (algorithm, kid) => ring.find(algorithm, kid)
  }

  /**
   * Checks the header of a token and finds its key, without a promise when the key is ready.
   *
   * Throws InvalidTokenError or KeysUnavailableError, or rejects with them.
   */
  keyFor({ header, payload }: CompactToken): VerificationKey | Promise<VerificationKey> {
    const algorithm = this.#checkHeader(header)
    const { kid } = header
    if (kid !== undefined && typeof kid !== 'string') throw new InvalidTokenError('invalid_key_id')
    // A token that does not name the issuer must not cause a request to it.
    if (this.ring?.has(algorithm, kid) === false && unverifiedIssuer(payload) !== this.#rules.issuer)
      throw new InvalidTokenError('wrong_issuer')
    return this.#findKey(algorithm, kid)
  }

  /**
   * Checks the claims of a token whose signature is verified.
   *
   * @throws InvalidTokenError
   */
  checkClaims(
    claims: Readonly<Record<string, unknown>>,
    scheme: 'Bearer' | 'DPoP',
    nowSeconds: number,
  ): asserts claims is Claims {
    checkClaims(claims, this.#rules, scheme, nowSeconds)
  }

  /** The guard decides which algorithms and types are accepted, not the token (RFC 8725 §3.1, §3.11). */
  #checkHeader(header: Readonly<Record<string, unknown>>): Algorithm {
    const { alg, typ, crit } = header
    const algorithm = this.accepted.algorithms.find((accepted) => accepted === alg)
    if (algorithm === undefined) throw new InvalidTokenError('unaccepted_algorithm')
    // RFC 7515 §4.1.11: an extension listed in `crit` must be understood. The guard supports none.
    if (crit !== undefined) throw new InvalidTokenError('unsupported_extension')
    if (!isAccessTokenType(typ, this.#rules.strict)) throw new InvalidTokenError('wrong_type')
    return algorithm
  }
}

function isAccessTokenType(typ: unknown, strict: boolean): boolean {
  if (typ === undefined) return !strict
  return typeof typ === 'string' && (strict ? strictTypes : lenientTypes).has(typ.toLowerCase())
}

/**
 * The keys of an issuer.
 *
 * @example
 * ```ts
 * const keyPolicy = { cooldownMs: 5_000, retryMs: 1_000, maxAgeMs: 60_000 }
 * const policy = { strict: false, clockToleranceSeconds: 10, keyPolicy, timeoutMs: 3_000 }
 * const options = { ...policy, fetch, now: Date.now, warn: console.warn }
 * createKeyRing(issuer.issuer, { from: 'local', load: issuer.keys }, options).has('RS256', 'other') // => false
 * ```
 */
export function createKeyRing(issuer: string, keys: KeySource, options: VerifierOptions): KeyRing {
  const { now, warn, keyPolicy, fetch, timeoutMs } = options
  // Loading in process is cheap, so it is not rationed.
  if (keys.from === 'local') {
    const policy = { ...keyPolicy, cooldownMs: 0, retryMs: 0 }
    return new KeyRing({ issuer, load: keys.load, policy, now, warn })
  }
  const load = remoteKeys({ issuer, jwksUri: keys.jwksUri, timeoutMs, fetch })
  return new KeyRing({ issuer, load, policy: keyPolicy, now, warn })
}
