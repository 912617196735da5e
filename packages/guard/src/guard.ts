import { compactVerify } from 'jose'
import type { RouteAccess } from './access/access.ts'
import type { RequestView } from './access/requirement.ts'
import {
  GuardError,
  InsufficientScopeError,
  InvalidProofError,
  InvalidTokenError,
  MissingTokenError,
} from './bearer/errors.ts'
import { type Refusal, type RefusalOptions, toRefusal } from './bearer/refusal.ts'
import { type Credentials, parseCredentials } from './bearer/token.ts'
import { parseDpopOptions } from './dpop/options.ts'
import { ProofChecker } from './dpop/proof.ts'
import { Live, type LiveState } from './live/live.ts'
import {
  type GuardOptions,
  type LiveIssuer,
  parseCacheLimits,
  parseIssuers,
  parseRealm,
  parseVerifierOptions,
} from './options.ts'
import { type CachedToken, TokenCache } from './token/cache.ts'
import { boundKey } from './token/claims.ts'
import { parseCompact, parseJsonObject, unverifiedIssuer } from './token/compact.ts'
import type { KeyOrigin, VerificationKey } from './token/key-ring.ts'
import { InternedValues, type Subject, subjectOf } from './token/subject.ts'
import { createKeyRing, Verifier, type VerifierOptions } from './token/verifier.ts'

/**
 * Authorizes requests to one API. Create it with {@link createGuard}; an adapter connects it to a framework.
 *
 * @example
 * ```ts
 * import { createGuard, type Guard } from '@rolecall/guard'
 *
 * const api: Guard = createGuard({ domain: 'tenant.eu.auth0.com', audience: 'https://api.test' })
 * api.cached // => { entries: 0, bytes: 0 }
 * ```
 */
export class Guard {
  /** Called with failures of the issuer or of a handler, never with what a caller sent. */
  readonly warn: (message: string, cause: unknown) => void
  readonly #verifiers: ReadonlyMap<string, Verifier>
  readonly #onlyVerifier: Verifier | undefined
  /** By issuer, for those with live mode. */
  readonly #live = new Map<string, Live>()
  readonly #cache: TokenCache | undefined
  readonly #interned = new InternedValues()
  readonly #now: () => number
  readonly #clockToleranceSeconds: number
  readonly #refusal: RefusalOptions
  /** Undefined where DPoP is switched off. */
  readonly #proofs: ProofChecker | undefined
  readonly #requiresProof: boolean

  constructor(options: GuardOptions) {
    const verifierOptions = parseVerifierOptions(options)
    this.warn =
      options.warn ?? ((message: string, cause: unknown) => console.warn(`[guard] ${message}:`, cause))
    this.#now = verifierOptions.now
    this.#clockToleranceSeconds = verifierOptions.clockToleranceSeconds
    this.#refusal = {
      realm: parseRealm(options.realm),
      errorDetail: options.errorDetail ?? true,
      respond: options.respond,
    }
    const issuers = parseIssuers(options)
    this.#verifiers = new Map(issuers.map((issuer) => [issuer.issuer, new Verifier(issuer, verifierOptions)]))
    for (const issuer of issuers) this.#enableLive(issuer, verifierOptions)
    const [first, ...others] = this.#verifiers.values()
    this.#onlyVerifier = others.length === 0 ? first : undefined
    this.#cache = options.cache === false ? undefined : new TokenCache(parseCacheLimits(options.cache))
    this.#proofs =
      options.dpop === false ? undefined : new ProofChecker(parseDpopOptions(options.dpop), this.#now)
    this.#requiresProof = this.#proofs?.rules.required ?? false
  }

  /** Number of cached tokens, and the bytes that the cache estimates for them. */
  get cached(): { entries: number; bytes: number } {
    return { entries: this.#cache?.size ?? 0, bytes: this.#cache?.bytes ?? 0 }
  }

  /** The state of live mode, one entry for each issuer that has it. */
  get live(): LiveState[] {
    return [...this.#live.values()].map(({ state }) => state)
  }

  /** Ends the connections of live mode. An open connection keeps a process running. */
  close(): void {
    for (const live of this.#live.values()) live.close()
  }

  /**
   * Loads the keys of every issuer now, so that the first request does not wait for them. Never rejects: a failed load is
   * passed to `warn`. With live mode it also opens the connection.
   */
  async refreshKeys(): Promise<void> {
    for (const live of this.#live.values()) live.start()
    await Promise.all([...this.#verifiers.values()].flatMap(({ ring }) => ring?.reload() ?? []))
  }

  /**
   * Verifies a bearer token. A token that is bound to a key needs the proof of its request: use {@link authorize}.
   *
   * Rejects with InvalidTokenError when the token is malformed, forged, expired or issued for another API, and with
   * KeysUnavailableError when no key of its issuer was ever loaded.
   */
  async verify(token: string): Promise<Subject> {
    const header = `Bearer ${token}`
    const cached = this.#cachedToken(header)
    return cached?.subject ?? this.#verifyToken({ scheme: 'Bearer', token }, header, ({ subject }) => subject)
  }

  /**
   * Authorizes a request by its `Authorization` header. Returns without a promise for a cached token, so that most requests
   * of a busy API stay synchronous.
   *
   * @param header the field's value, or every value when it was sent more than once
   * @param view describes the request; called only when a predicate needs it
   * @returns the subject; undefined on a public route, and on an optional one without token
   * @throws GuardError, or rejects with it
   */
  authorize(
    header: string | readonly string[] | undefined,
    access: RouteAccess,
    view: () => RequestView,
  ): Subject | undefined | Promise<Subject | undefined> {
    if (access.kind === 'public') return undefined
    // First of all: the header of a cached token does not have to be parsed.
    const cached = typeof header === 'string' ? this.#cachedToken(header) : undefined
    if (cached !== undefined && cached.boundKey === undefined && !this.#requiresProof)
      return this.#checkAccess(cached.subject, access, view)
    const credentials = this.#credentialsIn(header)
    if (credentials === undefined) return this.#withoutToken(access)
    const key = typeof header === 'string' ? header : `${credentials.scheme} ${credentials.token}`
    if (this.#proofs?.appliesTo(credentials))
      return this.#authorizeBound(credentials, cached, key, this.#proofs, access, view)
    return this.#verifyToken(credentials, key, ({ subject }) => this.#checkAccess(subject, access, view))
  }

  /** The answer to a refused request. */
  refusal(error: GuardError): Refusal {
    return toRefusal(error, this.#refusal)
  }

  #checkAccess(subject: Subject, access: RouteAccess, view: () => RequestView): Subject | Promise<Subject> {
    if (access.kind !== 'required') return subject
    const { requirement } = access
    const decide = (allowed: boolean): Subject => {
      if (allowed) return subject
      const gained = this.#live.get(subject.issuer)?.mayHaveGained(subject, requirement.names) ?? false
      throw new InsufficientScopeError(requirement.names, gained)
    }
    const answer = requirement.allows(subject, view)
    return answer instanceof Promise ? answer.then(decide) : decide(answer)
  }

  /** Without DPoP, its scheme is like any other that is not known. */
  #credentialsIn(header: string | readonly string[] | undefined): Credentials | undefined {
    const credentials = parseCredentials(header)
    return credentials?.scheme === 'DPoP' && this.#proofs === undefined ? undefined : credentials
  }

  #withoutToken({ kind }: RouteAccess): undefined {
    if (kind === 'optional') return undefined
    const error = new MissingTokenError()
    throw this.#proofs !== undefined && this.#requiresProof ? withDpopChallenge(error, this.#proofs) : error
  }

  /** A cached token skips its own verification. Its proof is new with each request. */
  async #authorizeBound(
    credentials: Credentials,
    cached: CachedToken | undefined,
    key: string,
    proofs: ProofChecker,
    access: RouteAccess,
    view: () => RequestView,
  ): Promise<Subject> {
    const permit = async ({ subject, boundKey: thumbprint }: CachedToken): Promise<Subject> => {
      if (thumbprint === undefined) throw new InvalidTokenError('unbound_token')
      const request = view().proof?.() ?? { method: '', url: '', proofs: undefined }
      await proofs.check(request, credentials.token, thumbprint)
      return this.#checkAccess(subject, access, view)
    }
    try {
      if (credentials.scheme !== 'DPoP') throw new InvalidProofError('missing_proof')
      return await (cached === undefined ? this.#verifyToken(credentials, key, permit) : permit(cached))
    } catch (error) {
      throw error instanceof GuardError ? withDpopChallenge(error, proofs) : error
    }
  }

  #cachedToken(key: string): CachedToken | undefined {
    const now = this.#now()
    const entry = this.#cache?.get(key, now)
    entry?.ring?.refreshIfStale(now)
    return entry
  }

  /**
   * @param key finds the token in the cache: the whole header
   * @param permit checks the route's requirement, within the same promise
   */
  #verifyToken(
    credentials: Credentials,
    key: string,
    permit: (verified: CachedToken) => Subject | Promise<Subject>,
  ): Promise<Subject> {
    const { token } = credentials
    const parts = parseCompact(token)
    const verifier = this.#verifierFor(parts.payload)
    const verifyWith = ({ key: publicKey, origin }: VerificationKey): Promise<Subject> =>
      compactVerify(token, publicKey, verifier.accepted).then(
        ({ payload }) => {
          const accept = () => permit(this.#acceptPayload(payload, credentials.scheme, key, verifier, origin))
          return this.#live.size === 0 ? accept() : this.#afterChanges(verifier, accept)
        },
        (cause: unknown) => {
          throw new InvalidTokenError('invalid_signature', cause)
        },
      )
    const found = verifier.keyFor(parts)
    return found instanceof Promise ? found.then(verifyWith) : verifyWith(found)
  }

  /** Waits for the changes of the issuer where they are not known yet. */
  #afterChanges(verifier: Verifier, accept: () => Subject | Promise<Subject>): Subject | Promise<Subject> {
    const wait = this.#live.get(verifier.issuer)?.ready()
    return wait === undefined ? accept() : wait.then(accept)
  }

  #enableLive({ issuer, audiences, keys, live }: LiveIssuer, options: VerifierOptions): void {
    if (live === undefined) return
    const { timeoutMs, fetch, now, warn } = options
    const ring =
      this.#verifiers.get(issuer)?.ring ??
      // The tokens are signed with a secret, the events with the keys of the issuer.
      createKeyRing(issuer, keys.from === 'secret' ? { from: 'remote', jwksUri: undefined } : keys, options)
    const onChanges = (changed: Live) =>
      this.#cache?.dropWhere(changed, (subject) => changed.isStale(subject))
    this.#live.set(
      issuer,
      new Live({ issuer, audiences, options: live, ring, timeoutMs, fetch, now, warn, onChanges }),
    )
  }

  /** Checks the claims of a payload whose signature is verified, and caches the token. */
  #acceptPayload(
    payload: Uint8Array,
    scheme: Credentials['scheme'],
    key: string,
    verifier: Verifier,
    origin: KeyOrigin,
  ): CachedToken {
    const claims = parseJsonObject(payload)
    if (claims === undefined) throw new InvalidTokenError('malformed_claims')
    const now = this.#now()
    verifier.checkClaims(claims, scheme, now / 1000)
    const live = this.#live.get(verifier.issuer)
    const subject = subjectOf(claims, this.#interned)
    live?.check(subject)
    const verified = { subject, origin, ring: verifier.ring, live, boundKey: boundKey(claims) }
    const expiresAtSeconds = Math.floor(claims.exp + this.#clockToleranceSeconds)
    this.#cache?.set(key, verified, expiresAtSeconds, now)
    return verified
  }

  /** With several issuers, the `iss` of the token selects whose keys to use. */
  #verifierFor(payload: string): Verifier {
    if (this.#onlyVerifier !== undefined) return this.#onlyVerifier
    const iss = unverifiedIssuer(payload)
    const verifier = typeof iss === 'string' ? this.#verifiers.get(iss) : undefined
    if (verifier === undefined) throw new InvalidTokenError('wrong_issuer')
    return verifier
  }
}

function withDpopChallenge(error: GuardError, { rules }: ProofChecker): GuardError {
  error.proofAlgorithms = rules.algorithms
  return error
}

/**
 * Creates the guard of an API.
 *
 * @throws TypeError naming the option that is missing or wrong
 *
 * @example
 * ```ts
 * import { createGuard } from '@rolecall/guard'
 *
 * const api = createGuard({ domain: 'tenant.eu.auth0.com', audience: 'https://hello-world.example.com' })
 * ```
 */
export function createGuard(options: GuardOptions): Guard {
  return new Guard(options)
}
