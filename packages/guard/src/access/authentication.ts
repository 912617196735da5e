import { InsufficientAuthenticationError } from '../bearer/errors.ts'
import type { Subject } from '../token/subject.ts'
import type { Requirement } from './requirement.ts'

/**
 * How and when the user must have logged in.
 *
 * @example
 * ```ts
 * import type { AuthenticationOptions } from '@rolecall/guard'
 *
 * const recently: AuthenticationOptions = { maxAge: 300 }
 * ```
 */
export interface AuthenticationOptions {
  /** The `acr` that the token must have, or several of which it must have one. */
  acr?: string | readonly string[]
  /** How many seconds ago the user may have logged in, by the `auth_time` of the token. */
  maxAge?: number
  /** The time in epoch milliseconds. Default: `Date.now`. */
  now?: () => number
}

/**
 * Requires that the user has logged in in a certain way, or recently (RFC 9470, step-up authentication). The refusal is a
 * 401 with `error="insufficient_user_authentication"`, and with the `acr_values` and `max_age` for the application's next
 * authorization request. Put it after the permissions: a user who lacks one of those is not asked to log in again.
 *
 * A token without the claim is refused: tokens of an application for itself have neither.
 *
 * @throws TypeError without `acr` and `maxAge`, and when one of them is not valid
 *
 * @example
 * ```ts
 * import { allOf, authentication } from '@rolecall/guard'
 *
 * const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'
 * const transfer = allOf('create:transfers', authentication({ acr: multiFactor, maxAge: 600 }))
 * ```
 */
export function authentication(options: AuthenticationOptions): Requirement {
  const { maxAge, now = Date.now } = options
  const acrValues = options.acr === undefined ? undefined : [options.acr].flat().map(validateAcr)
  if (acrValues?.length === 0 || (acrValues === undefined && maxAge === undefined))
    throw new TypeError('authentication() needs an acr or a maxAge')
  if (maxAge !== undefined && !(Number.isInteger(maxAge) && maxAge >= 0))
    throw new TypeError(`maxAge must be a whole number of seconds: ${String(maxAge)}`)
  const required = { acrValues, maxAge }
  return {
    names: [],
    allows(subject) {
      if (acrValues !== undefined && !hasAcr(subject, acrValues))
        throw new InsufficientAuthenticationError('missing_acr', required)
      if (maxAge !== undefined && !isRecent(subject, maxAge, now()))
        throw new InsufficientAuthenticationError('authentication_too_old', required)
      return true
    },
    toString: () =>
      [
        ...(acrValues === undefined ? [] : [`acr ${acrValues.join(' or ')}`]),
        ...(maxAge === undefined ? [] : [`log-in within ${maxAge} s`]),
      ].join(' and '),
  }
}

function hasAcr({ claims }: Subject, accepted: readonly string[]): boolean {
  const { acr } = claims
  return typeof acr === 'string' && accepted.includes(acr)
}

/** A time in the future is no time of a log-in, beyond what clocks differ by. */
function isRecent({ claims }: Subject, maxAge: number, now: number): boolean {
  const { auth_time: authTime } = claims
  if (typeof authTime !== 'number') return false
  const age = now / 1000 - authTime
  return age <= maxAge && age >= -maxClockDifferenceSeconds
}

const maxClockDifferenceSeconds = 60

/** One value of a list that is separated by spaces, in a quoted string. */
function validateAcr(acr: string): string {
  if (typeof acr !== 'string' || !/^[\x21\x23-\x5B\x5D-\x7E]+$/.test(acr))
    throw new TypeError(
      `An acr must be printable ASCII without space, quote and backslash: ${JSON.stringify(acr)}`,
    )
  return acr
}
