import { compactVerify } from 'jose'
import type { RouteAccess } from './access/access.ts'
import type { RequestView } from './access/requirement.ts'
import {
  type GuardError,
  InsufficientScopeError,
  InvalidTokenError,
  MissingTokenError,
} from './bearer/errors.ts'
import { type Refusal, type RefusalOptions, refusalOf } from './bearer/refusal.ts'
import { bearerToken } from './bearer/token.ts'
import { type GuardOptions, parseIssuers } from './options.ts'
import { type CacheLimits, TokenCache } from './token/cache.ts'
import { jsonObjectIn, parseCompact, unverifiedIssuer } from './token/compact.ts'
import type { KeyOrigin, VerificationKey } from './token/key-ring.ts'
import { SharedValues, type Subject, subjectOf } from './token/subject.ts'
import { Verifier } from './token/verifier.ts'

/** Judges requests. Make one per API with {@link createGuard}; adapters connect it to a framework. */
export class Guard {
  /** Told of what goes wrong on this side, never of what a caller did. */
  readonly warn: (message: string, cause: unknown) => void
  readonly #verifiers: ReadonlyMap<string, Verifier>
  readonly #only: Verifier | undefined
  readonly #cache: TokenCache | undefined
  readonly #shared = new SharedValues()
  readonly #now: () => number
  readonly #clockToleranceSeconds: number
  readonly #refusal: RefusalOptions

  constructor(options: GuardOptions) {
    const now = options.now ?? Date.now
    const clockToleranceSeconds = within(options.clockToleranceSeconds ?? 10, 0, 60, 'clockToleranceSeconds')
    const verifierOptions = {
      strict: options.strict ?? false,
      clockToleranceSeconds,
      keyPolicy: {
        cooldownMs: within(options.keysCooldownMs ?? 5_000, 0, 10_000, 'keysCooldownMs'),
        retryMs: 1_000,
        maxAgeMs: within(options.keysMaxAgeMs ?? 60_000, 1_000, 86_400_000, 'keysMaxAgeMs'),
      },
      timeoutMs: within(options.timeoutMs ?? 3_000, 1, 60_000, 'timeoutMs'),
      fetch: options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init)),
      now,
      // The message is complete: it has the cause and the remedy.
      warn: options.warn ?? ((message: string) => console.warn(`[guard] ${message}`)),
    }
    this.warn =
      options.warn ?? ((message: string, cause: unknown) => console.warn(`[guard] ${message}:`, cause))
    if (options.realm !== undefined && !/^[\x20\x21\x23-\x5B\x5D-\x7E]*$/.test(options.realm))
      throw new TypeError('The realm must be printable ASCII without quote and backslash')
    this.#now = now
    this.#clockToleranceSeconds = clockToleranceSeconds
    this.#refusal = {
      realm: options.realm,
      errorDetail: options.errorDetail ?? true,
      respond: options.respond,
    }
    this.#verifiers = new Map(
      parseIssuers(options).map((issuer) => [issuer.issuer, new Verifier(issuer, verifierOptions)]),
    )
    const [first, ...others] = this.#verifiers.values()
    this.#only = others.length === 0 ? first : undefined
    this.#cache = options.cache === false ? undefined : new TokenCache(limitsOf(options.cache))
  }

  /** What the cache holds: verified tokens, and the bytes they are estimated at. */
  get cached(): { entries: number; bytes: number } {
    return { entries: this.#cache?.size ?? 0, bytes: this.#cache?.bytes ?? 0 }
  }

  /** Fetches the keys of every issuer now, so that the first request need not wait. Never rejects: see `warn`. */
  async refreshKeys(): Promise<void> {
    await Promise.all([...this.#verifiers.values()].flatMap(({ ring }) => ring?.reload() ?? []))
  }

  /**
   * The subject of a token.
   *
   * @throws InvalidTokenError when it is expired, forged, malformed or meant for somebody else
   * @throws KeysUnavailableError while no key of its issuer was ever fetched
   */
  async verify(token: string): Promise<Subject> {
    const credentials = `Bearer ${token}`
    return this.#known(credentials) ?? this.#verifyAnew(token, credentials, (subject) => subject)
  }

  /**
   * Judges a request by its `Authorization` header. Answers at once, without a promise, for a token it knows: most
   * requests of a busy API never leave the synchronous path.
   *
   * @param header the field's value, or all of them when it was sent more than once
   * @param view made only when a predicate looks at the request
   * @returns the subject; undefined on a public route, and on an optional one without token
   * @throws GuardError (or rejects with it)
   */
  authorize(
    header: string | readonly string[] | undefined,
    access: RouteAccess,
    view: () => RequestView,
  ): Subject | undefined | Promise<Subject | undefined> {
    if (access.kind === 'public') return undefined
    // Before anything else: what was verified before, to the letter, needs no reading.
    const known = typeof header === 'string' ? this.#known(header) : undefined
    if (known !== undefined) return this.#permit(known, access, view)
    const token = bearerToken(header)
    if (token === undefined) {
      if (access.kind === 'optional') return undefined
      throw new MissingTokenError()
    }
    const credentials = typeof header === 'string' ? header : `Bearer ${token}`
    return this.#verifyAnew(token, credentials, (subject) => this.#permit(subject, access, view))
  }

  /** The answer a refused request gets. */
  refusal(error: GuardError): Refusal {
    return refusalOf(error, this.#refusal)
  }

  #permit(subject: Subject, access: RouteAccess, view: () => RequestView): Subject | Promise<Subject> {
    if (access.kind !== 'required') return subject
    const { requirement } = access
    const decide = (allowed: boolean): Subject => {
      if (allowed) return subject
      throw new InsufficientScopeError(requirement.names)
    }
    const answer = requirement.allows(subject, view)
    return answer instanceof Promise ? answer.then(decide) : decide(answer)
  }

  /** The subject of credentials that were verified before. */
  #known(credentials: string): Subject | undefined {
    const now = this.#now()
    const known = this.#cache?.get(credentials, now)
    known?.ring?.noticeAge(now)
    return known?.subject
  }

  /** @param permit has the last word, within the same promise */
  #verifyAnew(
    token: string,
    credentials: string,
    permit: (subject: Subject) => Subject | Promise<Subject>,
  ): Promise<Subject> {
    const parts = parseCompact(token)
    const verifier = this.#verifierOf(parts.payload)
    const verifyWith = ({ key, origin }: VerificationKey): Promise<Subject> =>
      compactVerify(token, key, verifier.accepted).then(
        ({ payload }) => permit(this.#accept(payload, credentials, verifier, origin)),
        (cause: unknown) => {
          throw new InvalidTokenError('invalid_signature', cause)
        },
      )
    const found = verifier.keyFor(parts)
    return found instanceof Promise ? found.then(verifyWith) : verifyWith(found)
  }

  /** The subject of a payload whose signature holds. */
  #accept(payload: Uint8Array, credentials: string, verifier: Verifier, origin: KeyOrigin): Subject {
    const claims = jsonObjectIn(payload)
    if (claims === undefined) throw new InvalidTokenError('malformed_claims')
    const now = this.#now()
    verifier.check(claims, now / 1000)
    const subject = subjectOf(claims, this.#shared)
    const expiresAtSeconds = Math.floor(claims.exp + this.#clockToleranceSeconds)
    this.#cache?.set(credentials, { subject, origin, ring: verifier.ring }, expiresAtSeconds, now)
    return subject
  }

  /** Where there is one issuer its keys decide; of several the token says whose keys are to be tried. */
  #verifierOf(payload: string): Verifier {
    if (this.#only !== undefined) return this.#only
    const iss = unverifiedIssuer(payload)
    const verifier = typeof iss === 'string' ? this.#verifiers.get(iss) : undefined
    if (verifier === undefined) throw new InvalidTokenError('wrong_issuer')
    return verifier
  }
}

/**
 * Makes a guard for an API.
 *
 *     const guard = createGuard({ domain: 'tenant.eu.auth0.com', audience: 'https://hello-world.example.com' })
 *
 * @throws TypeError naming the option that is missing or wrong
 */
export function createGuard(options: GuardOptions): Guard {
  return new Guard(options)
}

function limitsOf({
  maxEntries = 10_000,
  maxBytes = 64 * 1024 * 1024,
}: Partial<CacheLimits> = {}): CacheLimits {
  return {
    maxEntries: within(maxEntries, 0, Number.MAX_SAFE_INTEGER, 'cache.maxEntries'),
    maxBytes: within(maxBytes, 0, Number.MAX_SAFE_INTEGER, 'cache.maxBytes'),
  }
}

function within(value: number, least: number, most: number, name: string): number {
  if (!Number.isFinite(value) || value < least || value > most)
    throw new TypeError(`${name} must be between ${least} and ${most}`)
  return value
}
