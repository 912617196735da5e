import { InvalidTokenError } from '../bearer/errors.ts'
import { isJsonObject } from './json.ts'
import type { Claims } from './subject.ts'

/** What the claims of a token are compared with. */
export interface ClaimRules {
  /** The exact `iss`. */
  issuer: string
  /** The identifiers of this API; `aud` must name one of them. */
  audiences: readonly string[]
  clockToleranceSeconds: number
  /** Whether every claim of RFC 9068 §2.2 is required. */
  strict: boolean
}

/**
 * Checks the claims of a token whose signature is verified (RFC 7519 §4.1, RFC 8725 §3.8 to §3.12, RFC 9068 §4).
 *
 * @param scheme the scheme that the token was sent with
 * @param nowSeconds seconds since the epoch
 * @throws InvalidTokenError for the first claim that is missing or wrong
 *
 * @example
 * ```ts
 * const rules = { issuer: 'https://issuer.test/', audiences: ['a'], clockToleranceSeconds: 0, strict: false }
 * const claims: Record<string, unknown> = { iss: 'https://issuer.test/', aud: 'a', sub: 'user-1', exp: 20 }
 * checkClaims(claims, rules, 'Bearer', 10)
 * ```
 */
export function checkClaims(
  claims: Readonly<Record<string, unknown>>,
  rules: ClaimRules,
  scheme: 'Bearer' | 'DPoP',
  nowSeconds: number,
): asserts claims is Claims {
  // Compared as a string: an array that contains the issuer is not the issuer.
  if (claims['iss'] !== rules.issuer) refuse('wrong_issuer')
  checkAudience(claims['aud'], rules.audiences)
  if (typeof claims['sub'] !== 'string' || claims['sub'] === '') refuse('missing_subject')
  checkTimes(claims, rules.clockToleranceSeconds, nowSeconds)
  // RFC 7800 §3, RFC 9449 §7.2: a bearer request does not prove possession of the key.
  if (scheme === 'Bearer' && claims['cnf'] !== undefined) refuse('key_bound_token')
  // RFC 9449 §7.1: the other way round, a proof for a token without key would prove nothing.
  if (scheme === 'DPoP' && boundKey(claims) === undefined) refuse('unbound_token')
  if (rules.strict) checkProfile(claims)
}

/**
 * The SHA-256 thumbprint of the key that a token is bound to (RFC 9449 §6.1).
 *
 * @example
 * ```ts
 * boundKey({ cnf: { jkt: 'thumbprint' } }) // => 'thumbprint'
 * ```
 */
export function boundKey(claims: Readonly<Record<string, unknown>>): string | undefined {
  const { cnf } = claims
  return isJsonObject(cnf) && typeof cnf['jkt'] === 'string' ? cnf['jkt'] : undefined
}

function checkAudience(aud: unknown, accepted: readonly string[]): void {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (named.every((one) => typeof one === 'string') && named.some((one) => accepted.includes(one))) return
  refuse('wrong_audience')
}

function checkTimes(claims: Readonly<Record<string, unknown>>, tolerance: number, now: number): void {
  const { exp, nbf, iat } = claims
  if (!isNumericDate(exp)) refuse('missing_expiry')
  if (exp + tolerance <= now) refuse('token_expired')
  for (const date of [nbf, iat]) {
    if (date === undefined) continue
    if (!isNumericDate(date)) refuse('invalid_date')
    else if (date > now + tolerance) refuse('token_not_yet_valid')
  }
}

function checkProfile(claims: Readonly<Record<string, unknown>>): void {
  if (!isNumericDate(claims['iat'])) refuse('missing_profile_claim')
  for (const name of ['jti', 'client_id'])
    if (typeof claims[name] !== 'string' || claims[name] === '') refuse('missing_profile_claim')
}

/** RFC 7519 §2. `1e999` in JSON parses to Infinity, which is not a date. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function refuse(reasonCode: InvalidTokenError['reasonCode']): never {
  throw new InvalidTokenError(reasonCode)
}
