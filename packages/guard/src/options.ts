import type { Respond } from './bearer/refusal.ts'
import type { DpopOptions } from './dpop/options.ts'
import { type LiveOptions, type ParsedLiveOptions, parseLiveOptions } from './live/options.ts'
import { type Algorithm, isAsymmetric, isSymmetric, minimumSecretBytes } from './token/algorithms.ts'
import type { CacheLimits } from './token/cache.ts'
import { isVerificationJwk, type JwkSet } from './token/key-ring.ts'
import { inRange } from './token/range.ts'
import type { Fetch } from './token/remote-keys.ts'
import type { Issuer, VerifierOptions } from './token/verifier.ts'

/**
 * One issuer and its keys. Tokens of one issuer are never verified with the keys of another (RFC 8725 §3.8).
 *
 * @example
 * ```ts
 * import type { IssuerOptions } from '@rolecall/guard'
 *
 * const auth0: IssuerOptions = { domain: 'tenant.eu.auth0.com', audience: 'https://api.test' }
 * const other: IssuerOptions = { issuer: 'https://login.example.com/', audience: 'https://api.test' }
 * ```
 */
export interface IssuerOptions {
  /** The exact `iss` of its tokens, trailing slash included. Its keys are found by OpenID Connect discovery. */
  issuer?: string
  /**
   * Instead of `issuer`, for Auth0 and Rolecall: `tenant.eu.auth0.com`, `host:port`, or an origin such as
   * `http://localhost:5050`. The issuer is that origin with a slash; its keys are at `/.well-known/jwks.json`.
   */
  domain?: string
  /** The identifier of your API, or several. A token must name one of them in `aud` (RFC 7519 §4.1.3). */
  audience?: string | readonly string[]
  /** Algorithms to accept. Default: `['RS256']`, or `['HS256']` with a `secret`. */
  algorithms?: readonly Algorithm[]
  /** Address of the JWK Set. Default: found by discovery. */
  jwksUri?: string
  /** The keys themselves, or a function that is called again for an unknown key and when the keys are stale. */
  keys?: JwkSet | (() => JwkSet | Promise<JwkSet>)
  /** A shared secret for HS256, HS384 or HS512 of at least 32, 48 or 64 random bytes. Excludes every other key. */
  secret?: string | Uint8Array
  /**
   * Follows the changes of authorization of this issuer, a Rolecall server: a change takes effect within two seconds
   * instead of when the token expires. Default: off.
   */
  live?: LiveOptions
}

/**
 * The options of {@link createGuard}: at least an issuer and an audience.
 *
 * @example
 * ```ts
 * import { createGuard, type GuardOptions } from '@rolecall/guard'
 *
 * const issuers = [{ domain: 'a.eu.auth0.com' }, { domain: 'b.eu.auth0.com' }]
 * const options: GuardOptions = { audience: 'https://api.test', issuers, clockToleranceSeconds: 5 }
 * createGuard(options)
 * ```
 */
export interface GuardOptions extends IssuerOptions {
  /** Several issuers instead of one. An option that one leaves out is taken from the guard's own options. */
  issuers?: readonly IssuerOptions[]
  /** Accept only `at+jwt` tokens with every claim of RFC 9068 §2.2. Default: false, which also accepts Auth0's `JWT`. */
  strict?: boolean
  /** Tolerance for `exp`, `nbf` and `iat`, in seconds: 0 to 60. Default: 10. */
  clockToleranceSeconds?: number
  /** Limits of the cache of verified tokens. Default: 10,000 tokens and 64 MiB. `false` disables it. */
  cache?: false | { maxEntries?: number; maxBytes?: number }
  /** Maximum age of keys, 1 s to 1 day. From half of it on they are refreshed in the background. Default: 60,000. */
  keysMaxAgeMs?: number
  /** Minimum time between two loads that tokens with unknown keys cause, at most 10,000. Default: 5,000. */
  keysCooldownMs?: number
  /** Time limit of a load of keys, discovery included. Default: 3,000. */
  timeoutMs?: number
  /** Tokens that are bound to a key of the client (DPoP, RFC 9449). `false` refuses them. Default: both kinds are accepted. */
  dpop?: false | DpopOptions
  /** `realm` of the challenge (RFC 9110 §11.5). Default: none. */
  realm?: string
  /** Whether refusals give the reason as a sentence. Default: true. */
  errorDetail?: boolean
  /** Shapes the answers to refused requests. Default: problem details (RFC 9457). */
  respond?: Respond
  /**
   * Called once per outage when the keys of an issuer cannot be loaded, and by the adapter for `node:http` when a handler
   * fails. Default: `console.warn`.
   */
  warn?: (message: string, cause: unknown) => void
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  now?: () => number
  /** Default: the global `fetch`. */
  fetch?: Fetch
}

/**
 * Validates the options that concern verification, and sets their defaults.
 *
 * @throws TypeError naming the faulty option
 *
 * @example
 * ```ts
 * parseVerifierOptions({}).clockToleranceSeconds // => 10
 * ```
 */
export function parseVerifierOptions(options: GuardOptions): VerifierOptions {
  return {
    strict: options.strict ?? false,
    clockToleranceSeconds: inRange(options.clockToleranceSeconds ?? 10, 0, 60, 'clockToleranceSeconds'),
    keyPolicy: {
      cooldownMs: inRange(options.keysCooldownMs ?? 5_000, 0, 10_000, 'keysCooldownMs'),
      retryMs: 1_000,
      maxAgeMs: inRange(options.keysMaxAgeMs ?? 60_000, 1_000, 86_400_000, 'keysMaxAgeMs'),
    },
    timeoutMs: inRange(options.timeoutMs ?? 3_000, 1, 60_000, 'timeoutMs'),
    fetch: options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init)),
    now: options.now ?? Date.now,
    // The message is complete: it has the cause and the remedy.
    warn: options.warn ?? ((message: string) => console.warn(`[guard] ${message}`)),
  }
}

/**
 * Validates the limits of the cache, and sets their defaults.
 *
 * @throws TypeError naming the faulty limit
 *
 * @example
 * ```ts
 * parseCacheLimits({ maxEntries: 100 }) // => { maxEntries: 100, maxBytes: 67_108_864 }
 * ```
 */
export function parseCacheLimits({
  maxEntries = 10_000,
  maxBytes = 64 * 1024 * 1024,
}: Partial<CacheLimits> = {}): CacheLimits {
  return {
    maxEntries: inRange(maxEntries, 0, Number.MAX_SAFE_INTEGER, 'cache.maxEntries'),
    maxBytes: inRange(maxBytes, 0, Number.MAX_SAFE_INTEGER, 'cache.maxBytes'),
  }
}

/**
 * Validates the realm of the challenge.
 *
 * @throws TypeError when it is not valid in a quoted string (RFC 9110 §5.6.4)
 *
 * @example
 * ```ts
 * parseRealm('api') // => 'api'
 * ```
 */
export function parseRealm(realm: string | undefined): string | undefined {
  if (realm !== undefined && !/^[\x20\x21\x23-\x5B\x5D-\x7E]*$/.test(realm))
    throw new TypeError('The realm must be printable ASCII without quote and backslash')
  return realm
}

/** A validated issuer, and its live mode. */
export interface LiveIssuer extends Issuer {
  live: ParsedLiveOptions | undefined
}

/**
 * Validates the issuers of a guard.
 *
 * @throws TypeError naming the faulty option
 *
 * @example
 * ```ts
 * parseIssuers({ domain: 'tenant.eu.auth0.com', audience: 'a' })[0]?.issuer // => 'https://tenant.eu.auth0.com/'
 * ```
 */
export function parseIssuers(options: GuardOptions): LiveIssuer[] {
  const { issuers, ...shared } = options
  if (issuers === undefined) return [parseIssuer(shared)]
  if (options.issuer !== undefined || options.domain !== undefined)
    throw new TypeError('Give either one issuer or a list of issuers')
  if (issuers.length === 0) throw new TypeError('The list of issuers is empty')
  const parsed = issuers.map((one) =>
    parseIssuer({
      ...(options.audience !== undefined && { audience: options.audience }),
      ...(options.algorithms !== undefined && one.secret === undefined && { algorithms: options.algorithms }),
      ...one,
    }),
  )
  if (new Set(parsed.map(({ issuer }) => issuer)).size < parsed.length)
    throw new TypeError('An issuer is listed twice')
  return parsed
}

function parseIssuer(options: IssuerOptions): LiveIssuer {
  const { issuer, jwksUri } = parseOrigin(options)
  const audiences = [options.audience ?? []].flat()
  if (audiences.length === 0 || audiences.some((one) => typeof one !== 'string' || one === ''))
    throw new TypeError('The audience is missing: name the identifier of your API')
  const given = [options.secret, options.keys, options.jwksUri].filter((source) => source !== undefined)
  if (given.length > 1) throw new TypeError('Give only one of secret, keys and jwksUri')
  const algorithms = options.algorithms ?? [options.secret === undefined ? 'RS256' : 'HS256']
  if (algorithms.length === 0) throw new TypeError('The list of algorithms is empty')
  const keys = parseKeys(options, algorithms, jwksUri)
  return { issuer, audiences, algorithms, keys, live: options.live && parseLive(options.live, issuer) }
}

function parseLive(options: LiveOptions, issuer: string): ParsedLiveOptions {
  if (!isHttpUrl(issuer) || !issuer.endsWith('/'))
    throw new TypeError('live needs an issuer that is an http or https URL with a trailing slash')
  return parseLiveOptions(options)
}

function parseOrigin(options: IssuerOptions): { issuer: string; jwksUri: string | undefined } {
  const { domain, issuer, jwksUri } = options
  if (domain !== undefined) return parseDomain({ ...options, domain })
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('The issuer is missing')
  const local = options.keys !== undefined || options.secret !== undefined
  if (!local && !isHttpUrl(issuer)) throw new TypeError('The issuer must be an http or https URL')
  if (jwksUri !== undefined && !isHttpUrl(jwksUri))
    throw new TypeError('jwksUri must be an http or https URL')
  return { issuer, jwksUri }
}

function parseDomain({ domain, issuer, jwksUri }: IssuerOptions & { domain: string }) {
  if (issuer !== undefined) throw new TypeError('Give either an issuer or a domain')
  const origin = /^https?:\/\//i.test(domain) ? domain : `https://${domain}`
  if (!isHttpUrl(origin)) throw new TypeError('The domain must be a host name or an origin')
  const url = new URL(origin)
  if (
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  )
    throw new TypeError('The domain must be a host name or an origin')
  return { issuer: `${url.origin}/`, jwksUri: jwksUri ?? `${url.origin}/.well-known/jwks.json` }
}

function parseKeys(
  options: IssuerOptions,
  algorithms: readonly string[],
  jwksUri: string | undefined,
): Issuer['keys'] {
  if (options.secret !== undefined) {
    if (!algorithms.every(isSymmetric)) throw new TypeError('A secret serves HS256, HS384 and HS512 only')
    return {
      from: 'secret',
      secret: parseSecret(options.secret, Math.max(...algorithms.map((one) => minimumSecretBytes[one]))),
    }
  }
  // RFC 8725 §3.1: an HMAC algorithm next to public keys would accept tokens that are made with a public key.
  if (!algorithms.every(isAsymmetric))
    throw new TypeError('An algorithm is unknown, or HS256, HS384 or HS512 without a secret')
  const { keys } = options
  if (typeof keys === 'function') return { from: 'local', load: keys }
  if (keys === undefined) return { from: 'remote', jwksUri }
  if (!Array.isArray(keys.keys) || !keys.keys.some(isVerificationJwk))
    throw new TypeError('The keys hold no key that can verify a signature')
  return { from: 'local', load: () => keys }
}

/** Refuses a public key, also after blanks or a byte order mark: with a public key as secret everyone could sign. */
function parseSecret(secret: string | Uint8Array, minimumBytes: number): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : Uint8Array.from(secret)
  const text = new TextDecoder().decode(bytes)
  if (/-----BEGIN|"kty"\s*:/.test(text))
    throw new TypeError('The secret is a key file; a secret must be random bytes')
  if (bytes.length < minimumBytes) throw new TypeError(`The secret must have at least ${minimumBytes} bytes`)
  return bytes
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
