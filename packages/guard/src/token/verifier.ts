import { InvalidTokenError } from '../bearer/errors.ts'
import type { Issuer, KeySource } from '../options.ts'
import type { Algorithm } from './algorithms.ts'
import { type ClaimRules, checkClaims } from './claims.ts'
import { type CompactToken, unverifiedIssuer } from './compact.ts'
import { type KeyPolicy, KeyRing, type VerificationKey } from './key-ring.ts'
import { type Fetch, remoteKeys } from './remote-keys.ts'
import type { Claims } from './subject.ts'

export interface VerifierOptions {
  strict: boolean
  clockToleranceSeconds: number
  keyPolicy: KeyPolicy
  timeoutMs: number
  fetch: Fetch
  now: () => number
  warn: (message: string, cause: unknown) => void
}

/** `typ` values of access tokens: RFC 9068 §4, and Auth0's own dialect, which is any JWT's. */
const strictTypes: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt'])
const lenientTypes: ReadonlySet<string> = new Set([...strictTypes, 'jwt', 'application/jwt'])

/** Verifies tokens of one issuer. */
export class Verifier {
  readonly ring: KeyRing | undefined
  /** For jose: what a header may name, and nothing else. */
  readonly accepted: { algorithms: Algorithm[] }
  readonly #rules: ClaimRules
  readonly #findKey: KeyRing['find']

  constructor(issuer: Issuer, options: VerifierOptions) {
    const { keys, algorithms, audiences } = issuer
    const { strict, clockToleranceSeconds } = options
    this.accepted = { algorithms: [...algorithms] }
    this.#rules = { issuer: issuer.issuer, audiences, clockToleranceSeconds, strict }
    if (keys.from === 'secret') {
      const secret = { key: keys.secret, origin: { retired: false } }
      this.#findKey = () => secret
      return
    }
    const ring = ringOf(issuer.issuer, keys, options)
    this.ring = ring
    this.#findKey = (algorithm, kid) => ring.find(algorithm, kid)
  }

  /**
   * The key a token asks for, at once where it is ready.
   *
   * @throws InvalidTokenError, KeysUnavailableError (or rejects with them)
   */
  keyFor({ header, payload }: CompactToken): VerificationKey | Promise<VerificationKey> {
    const algorithm = this.#checkHeader(header)
    const { kid } = header
    if (kid !== undefined && typeof kid !== 'string') throw new InvalidTokenError('invalid_key_id')
    // To have its issuer asked for a key a token must at least name it.
    if (this.ring?.knows(algorithm, kid) === false && unverifiedIssuer(payload) !== this.#rules.issuer)
      throw new InvalidTokenError('wrong_issuer')
    return this.#findKey(algorithm, kid)
  }

  /** @throws InvalidTokenError unless claims whose signature holds are what this issuer would say to this API */
  check(claims: Readonly<Record<string, unknown>>, nowSeconds: number): asserts claims is Claims {
    checkClaims(claims, this.#rules, nowSeconds)
  }

  /** The caller of this guard decides on algorithm and type, the token does not (RFC 8725 §3.1, §3.11). */
  #checkHeader(header: Readonly<Record<string, unknown>>): Algorithm {
    const { alg, typ, crit } = header
    const algorithm = this.accepted.algorithms.find((accepted) => accepted === alg)
    if (algorithm === undefined) throw new InvalidTokenError('unaccepted_algorithm')
    // RFC 7515 §4.1.11: every extension named here must be understood, and this guard knows none.
    if (crit !== undefined) throw new InvalidTokenError('unsupported_extension')
    if (!isAccessTokenType(typ, this.#rules.strict)) throw new InvalidTokenError('wrong_type')
    return algorithm
  }
}

function isAccessTokenType(typ: unknown, strict: boolean): boolean {
  if (typ === undefined) return !strict
  return typeof typ === 'string' && (strict ? strictTypes : lenientTypes).has(typ.toLowerCase())
}

function ringOf(issuer: string, keys: KeySource, options: VerifierOptions): KeyRing {
  const { now, warn, keyPolicy, fetch, timeoutMs } = options
  // Loading in process is cheap, so it is not rationed.
  if (keys.from === 'local') {
    const policy = { ...keyPolicy, cooldownMs: 0, retryMs: 0 }
    return new KeyRing({ issuer, load: keys.load, policy, now, warn })
  }
  const load = remoteKeys({ issuer, jwksUri: keys.jwksUri, timeoutMs, fetch })
  return new KeyRing({ issuer, load, policy: keyPolicy, now, warn })
}
