import type { Respond } from './bearer/refusal.ts'
import { type Algorithm, isAsymmetric, isSymmetric, minimumSecretBytes } from './token/algorithms.ts'
import { isVerificationJwk, type JwkSet } from './token/key-ring.ts'
import type { Fetch } from './token/remote-keys.ts'

/** One issuer and its own keys; a token of one issuer is never judged by the keys of another (RFC 8725 §3.8). */
export interface IssuerOptions {
  /** The exact `iss` of its tokens, trailing slash included. Its keys are found by discovery. */
  issuer?: string
  /**
   * Instead of `issuer`, for Auth0 and Rolecall: `tenant.eu.auth0.com`, `host:port`, or an origin such as
   * `http://localhost:5050`. The issuer is that origin with a slash, its keys are at `/.well-known/jwks.json`.
   */
  domain?: string
  /** The API's identifier, or all it goes by. A token must name one of them in `aud`. */
  audience?: string | readonly string[]
  /** Algorithms to accept. Default: `['RS256']`, or `['HS256']` with a `secret`. */
  algorithms?: readonly Algorithm[]
  /** Where the keys are, when discovery is not wanted. */
  jwksUri?: string
  /** The keys themselves, or a function asked again for each unknown key and when the keys grow old. */
  keys?: JwkSet | (() => JwkSet | Promise<JwkSet>)
  /** A shared secret for HS256, HS384 or HS512 of at least 32, 48 or 64 random bytes. Excludes every other key. */
  secret?: string | Uint8Array
}

export interface GuardOptions extends IssuerOptions {
  /** Several issuers instead of one. What they leave out is taken from the options beside them. */
  issuers?: readonly IssuerOptions[]
  /** Only `at+jwt` tokens with every claim of RFC 9068 §2.2. Default: false, which also takes Auth0's `JWT`. */
  strict?: boolean
  /** Leeway for `exp`, `nbf` and `iat`, 0 to 60. Default: 10. */
  clockToleranceSeconds?: number
  /** Verified tokens to keep, from their second use on. Default: 10,000 and 64 MiB; `false` verifies each every time. */
  cache?: false | { maxEntries?: number; maxBytes?: number }
  /** Age at which keys are fetched again, 1 s or more. Default: 60,000; they are refreshed ahead from half of it on. */
  keysMaxAgeMs?: number
  /** Least time between two fetches caused by unknown keys, at most 10,000. Default: 5,000. */
  keysCooldownMs?: number
  /** For each request to the issuer. Default: 3,000. */
  timeoutMs?: number
  /** `realm` of the challenge. Default: none. */
  realm?: string
  /** Whether refusals say why, in fixed words. Default: true. */
  errorDetail?: boolean
  /** Shapes the answers to refused requests. Default: RFC 9457 problem details. */
  respond?: Respond
  /**
   * Called once per outage when the keys of an issuer cannot be loaded, and by the adapter for `node:http` when a handler
   * fails. Default: `console.warn`.
   */
  warn?: (message: string, cause: unknown) => void
  /** Milliseconds since the epoch. Default: `Date.now`. */
  now?: () => number
  /** Default: the global `fetch`. */
  fetch?: Fetch
}

/** An issuer, all checked. */
export interface Issuer {
  issuer: string
  audiences: readonly string[]
  algorithms: readonly Algorithm[]
  keys: KeySource | { from: 'secret'; secret: Uint8Array }
}

/** Where the public keys of an issuer come from. */
export type KeySource =
  | { from: 'local'; load: () => JwkSet | Promise<JwkSet> }
  | { from: 'remote'; jwksUri: string | undefined }

/** @throws TypeError naming the faulty option: a guard that is set up wrongly must not start */
export function parseIssuers(options: GuardOptions): Issuer[] {
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

function parseIssuer(options: IssuerOptions): Issuer {
  const { issuer, jwksUri } = parseOrigin(options)
  const audiences = [options.audience ?? []].flat()
  if (audiences.length === 0 || audiences.some((one) => typeof one !== 'string' || one === ''))
    throw new TypeError('The audience is missing: name the identifier of your API')
  const given = [options.secret, options.keys, options.jwksUri].filter((source) => source !== undefined)
  if (given.length > 1) throw new TypeError('Give only one of secret, keys and jwksUri')
  const algorithms = options.algorithms ?? [options.secret === undefined ? 'RS256' : 'HS256']
  if (algorithms.length === 0) throw new TypeError('The list of algorithms is empty')
  return { issuer, audiences, algorithms, keys: parseKeys(options, algorithms, jwksUri) }
}

function parseOrigin(options: IssuerOptions): { issuer: string; jwksUri: string | undefined } {
  if (options.domain === undefined) {
    const { issuer, jwksUri } = options
    if (typeof issuer !== 'string' || issuer === '') throw new TypeError('The issuer is missing')
    const local = options.keys !== undefined || options.secret !== undefined
    if (!local && !isHttpUrl(issuer)) throw new TypeError('The issuer must be an http or https URL')
    if (jwksUri !== undefined && !isHttpUrl(jwksUri))
      throw new TypeError('jwksUri must be an http or https URL')
    return { issuer, jwksUri }
  }
  if (options.issuer !== undefined) throw new TypeError('Give either an issuer or a domain')
  const origin = /^https?:\/\//i.test(options.domain) ? options.domain : `https://${options.domain}`
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
  return { issuer: `${url.origin}/`, jwksUri: options.jwksUri ?? `${url.origin}/.well-known/jwks.json` }
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
  // RFC 8725 §3.1: with public keys in play an HMAC algorithm would accept tokens made with a public key.
  if (!algorithms.every(isAsymmetric))
    throw new TypeError('An algorithm is unknown, or HS256, HS384 or HS512 without a secret')
  const { keys } = options
  if (typeof keys === 'function') return { from: 'local', load: keys }
  if (keys === undefined) return { from: 'remote', jwksUri }
  if (!Array.isArray(keys.keys) || !keys.keys.some(isVerificationJwk))
    throw new TypeError('The keys hold no key that can verify a signature')
  return { from: 'local', load: () => keys }
}

/** A public key given as a secret would let anybody sign; it is recognised whatever blanks or byte order mark lead it. */
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
