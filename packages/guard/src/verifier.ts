import { compactVerify } from 'jose'
import type { Algorithm } from './algorithms.ts'
import { checkClaims } from './claims.ts'
import { parseCompact } from './compact.ts'
import { GuardError, InvalidTokenError } from './errors.ts'
import { type KeyOrigin, type KeyPolicy, KeyRing, type VerificationKey } from './key-ring.ts'
import type { Issuer } from './options.ts'
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

export interface VerifiedToken {
  claims: Claims
  /** Where the key came from, to drop the token with it. */
  origin: KeyOrigin
  ring: KeyRing | undefined
}

/** `typ` values of access tokens: RFC 9068 §4, and Auth0's own dialect, which is any JWT's. */
const strictTypes: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt'])
const lenientTypes: ReadonlySet<string> = new Set([...strictTypes, 'jwt', 'application/jwt'])

/** Verifies tokens of one issuer. */
export class Verifier {
  readonly ring: KeyRing | undefined
  readonly #issuer: Issuer
  readonly #options: VerifierOptions
  readonly #secret: VerificationKey | undefined

  constructor(issuer: Issuer, options: VerifierOptions) {
    this.#issuer = issuer
    this.#options = options
    const { keys } = issuer
    if (keys.from === 'secret') {
      this.#secret = { key: keys.secret, origin: { retired: false } }
      return
    }
    const { now, warn, keyPolicy, fetch, timeoutMs } = options
    this.ring =
      keys.from === 'local'
        ? // Asking in process costs nothing worth rationing.
          new KeyRing(keys.load, { ...keyPolicy, cooldownMs: 0, retryMs: 0 }, now, warn)
        : new KeyRing(
            remoteKeys({ issuer: issuer.issuer, jwksUri: keys.jwksUri, timeoutMs, fetch }),
            keyPolicy,
            now,
            warn,
          )
  }

  /**
   * @param token the text, `parsed` taken from it
   * @throws InvalidTokenError, KeysUnavailableError
   */
  async verify(token: string, { header, claims }: ReturnType<typeof parseCompact>): Promise<VerifiedToken> {
    const algorithm = this.#checkHeader(header)
    const { kid } = header
    if (kid !== undefined && typeof kid !== 'string')
      throw new InvalidTokenError('The token names no usable key')
    const { key, origin } = this.#secret ?? (await (this.ring as KeyRing).find(algorithm, kid))
    try {
      await compactVerify(token, key, { algorithms: [algorithm] })
    } catch (cause) {
      if (cause instanceof GuardError) throw cause
      throw new InvalidTokenError('The signature of the token does not hold', cause)
    }
    const { strict, clockToleranceSeconds, now } = this.#options
    const { issuer, audiences } = this.#issuer
    const rules = { issuer, audiences, clockToleranceSeconds, strict }
    return { claims: checkClaims(claims, rules, now() / 1000), origin, ring: this.ring }
  }

  /** The caller of this guard decides on algorithm and type, the token does not (RFC 8725 §3.1, §3.11). */
  #checkHeader(header: Readonly<Record<string, unknown>>): Algorithm {
    const { alg, typ, crit } = header
    if (typeof alg !== 'string' || !this.#issuer.algorithms.has(alg))
      throw new InvalidTokenError('The token is signed with an algorithm that is not accepted')
    // RFC 7515 §4.1.11: every extension named here must be understood, and this guard knows none.
    if (crit !== undefined)
      throw new InvalidTokenError('The token demands an extension that is not supported')
    const accepted = this.#options.strict ? strictTypes : lenientTypes
    const typeIsAccepted =
      typeof typ === 'string' ? accepted.has(typ.toLowerCase()) : typ === undefined && !this.#options.strict
    if (!typeIsAccepted) throw new InvalidTokenError('The token is of a type that is no access token')
    return alg as Algorithm
  }
}
