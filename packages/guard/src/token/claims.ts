import { InvalidTokenError } from '../bearer/errors.ts'
import type { Claims } from './subject.ts'

export interface ClaimRules {
  issuer: string
  audiences: readonly string[]
  clockToleranceSeconds: number
  /** Whether RFC 9068 §2.2 must be met in full. */
  strict: boolean
}

/**
 * Checks the claims of a token whose signature holds (RFC 7519 §4.1, RFC 8725 §3.8 to §3.12, RFC 9068 §4).
 *
 * @param nowSeconds seconds since the epoch
 * @throws InvalidTokenError
 */
export function checkClaims(
  claims: Readonly<Record<string, unknown>>,
  rules: ClaimRules,
  nowSeconds: number,
): asserts claims is Claims {
  // Compared as a string: an array that contains the issuer is not the issuer.
  if (claims['iss'] !== rules.issuer) refuse('wrong_issuer')
  checkAudience(claims['aud'], rules.audiences)
  if (typeof claims['sub'] !== 'string' || claims['sub'] === '') refuse('missing_subject')
  checkTimes(claims, rules.clockToleranceSeconds, nowSeconds)
  // RFC 7800 §3, RFC 9449 §6: bound to a key whose possession nobody proved here.
  if (claims['cnf'] !== undefined) refuse('key_bound_token')
  if (rules.strict) checkProfile(claims)
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

/** RFC 7519 §2. JSON's `1e999` parses to Infinity, which is no date. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function refuse(reasonCode: InvalidTokenError['reasonCode']): never {
  throw new InvalidTokenError(reasonCode)
}
