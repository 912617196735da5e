/**
 * Every reason for which a request is refused: its stable code and the sentence that explains it, grouped by the error
 * of RFC 6750 §3.1, RFC 9449 §7.1 and RFC 9470 §3 that the refusal is answered with.
 *
 * To add a reason, add a line here and a row in the README. A code never changes its meaning. A sentence is fixed text
 * that repeats nothing a caller sent, so it is safe in a header, a body or a log.
 */
export const reasons = {
  missing_token: {
    missing_token: 'No access token was sent',
  },
  invalid_request: {
    repeated_header: 'The Authorization header was sent more than once',
    malformed_header: 'The Authorization header must hold the scheme and one token',
  },
  invalid_token: {
    token_too_long: 'The token is too long',
    malformed_token: 'The token is not a signed JWT',
    unaccepted_algorithm: 'The token is signed with an algorithm that is not accepted',
    unsupported_extension: 'The token demands an extension that is not supported',
    wrong_type: 'The token is of a type that is no access token',
    invalid_key_id: 'The token names no usable key',
    unknown_key: 'The token is signed with a key the issuer does not publish',
    unusable_key: 'The key the token is signed with cannot be used',
    invalid_signature: 'The signature of the token does not hold',
    malformed_claims: 'The token carries no claims',
    wrong_issuer: 'The token is from another issuer',
    wrong_audience: 'The token is for another audience',
    missing_subject: 'The token names no subject',
    missing_expiry: 'The token has no expiry',
    token_expired: 'The token has expired',
    token_not_yet_valid: 'The token is not valid yet',
    invalid_date: 'The token has a date that is no number',
    key_bound_token: 'The token is bound to a key and cannot be used as a bearer token',
    unbound_token: 'The token is not bound to a key of the client',
    wrong_proof_key: 'The token is bound to another key than that of the DPoP proof',
    missing_profile_claim: 'The token lacks a claim of RFC 9068',
    authorization_changed: 'The authorization has changed since the token was issued',
  },
  invalid_dpop_proof: {
    missing_proof: 'The request carries no DPoP proof',
    repeated_proof: 'The DPoP header was sent more than once',
    malformed_proof: 'The DPoP proof is not a signed JWT with the required claims',
    wrong_proof_type: 'The type of the DPoP proof is not dpop+jwt',
    unaccepted_proof_algorithm: 'The DPoP proof is signed with an algorithm that is not accepted',
    invalid_proof_key: 'The DPoP proof carries no public key that can be used',
    invalid_proof_signature: 'The signature of the DPoP proof does not hold',
    wrong_proof_method: 'The DPoP proof is for another method',
    wrong_proof_url: 'The DPoP proof is for another address',
    wrong_proof_token: 'The DPoP proof is for another token',
    proof_expired: 'The DPoP proof is not recent',
    replayed_proof: 'The DPoP proof was used before',
  },
  insufficient_scope: {
    missing_permission: 'The access token does not carry the required permission',
  },
  insufficient_user_authentication: {
    missing_acr: 'The user has to log in in another way, such as with a second factor',
    authentication_too_old: 'The user has to log in again: the last time is too long ago',
  },
  temporarily_unavailable: {
    keys_unavailable: 'The keys of the issuer cannot be fetched',
    changes_unavailable: 'The changes of authorization cannot be fetched',
  },
} as const

/**
 * The error that a refusal is answered with: those of RFC 6750 §3.1, those of RFC 9449 §7.1 and RFC 9470 §3, and two for answers whose challenge has no `error`.
 *
 * @example
 * ```ts
 * import type { GuardErrorCode } from '@rolecall/guard'
 *
 * const messages: Partial<Record<GuardErrorCode, string>> = { insufficient_scope: 'Permission denied' }
 * ```
 */
export type GuardErrorCode = keyof typeof reasons

/**
 * Why a request is refused, as a stable code: a closed union. The README of the package lists what each code means.
 *
 * @example
 * ```ts
 * import type { GuardReasonCode } from '@rolecall/guard'
 *
 * const needsNewToken = (code: GuardReasonCode) => code === 'token_expired' || code === 'unknown_key'
 * needsNewToken('wrong_audience') // => false
 * ```
 */
export type GuardReasonCode = { [Code in GuardErrorCode]: keyof (typeof reasons)[Code] }[GuardErrorCode]

/**
 * A refused request: the status it is answered with, its `WWW-Authenticate` challenge, and the reason.
 *
 * @example
 * ```ts
 * import { GuardError } from '@rolecall/guard'
 *
 * const error: unknown = await guard.verify('not a token').catch((refused: unknown) => refused)
 * if (error instanceof GuardError) console.log(error.status, error.code, error.reasonCode)
 * ```
 */
export abstract class GuardError extends Error {
  abstract readonly code: GuardErrorCode
  /** HTTP status of the answer. */
  abstract readonly status: number
  /** Why the request is refused. Stable: compare this in code, never {@link reason}. */
  abstract readonly reasonCode: GuardReasonCode
  /** The reason as a sentence for a developer. Its words may change. */
  readonly reason: string
  /**
   * The algorithms of a challenge with the scheme DPoP (RFC 9449 §7.1). Undefined where the scheme is Bearer. The guard sets
   * it when the request used DPoP, or must.
   */
  proofAlgorithms: readonly string[] | undefined

  constructor(reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.reason = reason
  }

  /** Whether a new token may be accepted where this one is refused. The challenge then has `reason="authorization_changed"`. */
  get authorizationChanged(): boolean {
    return false
  }

  /** Names of the permissions and scopes that the route requires. Empty unless one of them is missing. */
  get required(): readonly string[] {
    return []
  }

  /**
   * Value of `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1). Undefined where the answer has no challenge.
   *
   * @param withReason whether `error_description` gives the reason
   */
  challenge(realm: string | undefined, withReason: boolean): string | undefined {
    const parameters = realm === undefined ? [] : [`realm="${realm}"`]
    const error = this.challengeError()
    if (error !== undefined) {
      parameters.push(`error="${error}"`)
      if (withReason) parameters.push(`error_description="${this.reason}"`)
    }
    if (this.required.length > 0) parameters.push(`scope="${this.required.join(' ')}"`)
    parameters.push(...this.challengeParameters())
    if (this.authorizationChanged) parameters.push('reason="authorization_changed"')
    const { proofAlgorithms } = this
    if (proofAlgorithms !== undefined) parameters.push(`algs="${proofAlgorithms.join(' ')}"`)
    return [proofAlgorithms === undefined ? 'Bearer' : 'DPoP', parameters.join(', ')].join(' ').trimEnd()
  }

  protected challengeError(): string | undefined {
    return this.code
  }

  /** Further parameters of the challenge, each with its value. */
  protected challengeParameters(): readonly string[] {
    return []
  }
}

/**
 * The request carries no access token: 401. The challenge has no error code (RFC 6750 §3.1, last paragraph).
 *
 * @example
 * ```ts
 * import { MissingTokenError } from '@rolecall/guard'
 *
 * new MissingTokenError().challenge('api', true) // => 'Bearer realm="api"'
 * ```
 */
export class MissingTokenError extends GuardError {
  readonly code = 'missing_token'
  readonly status = 401
  readonly reasonCode = 'missing_token'

  constructor() {
    super(reasons.missing_token.missing_token)
  }

  protected override challengeError(): undefined {
    return undefined
  }
}

/**
 * The `Authorization` header is malformed, or was sent more than once: 400 (RFC 6750 §3.1, `invalid_request`).
 *
 * @example
 * ```ts
 * import { InvalidRequestError } from '@rolecall/guard'
 *
 * new InvalidRequestError('repeated_header').status // => 400
 * ```
 */
export class InvalidRequestError extends GuardError {
  readonly code = 'invalid_request'
  readonly status = 400
  readonly reasonCode: keyof typeof reasons.invalid_request

  constructor(reasonCode: keyof typeof reasons.invalid_request) {
    super(reasons.invalid_request[reasonCode])
    this.reasonCode = reasonCode
  }
}

/**
 * The token is malformed, forged, expired or issued for another API: 401 (RFC 6750 §3.1, `invalid_token`).
 *
 * @example
 * ```ts
 * import { InvalidTokenError } from '@rolecall/guard'
 *
 * const error: unknown = await guard.verify('not a token').catch((refused: unknown) => refused)
 * if (error instanceof InvalidTokenError) console.log(error.reasonCode) // malformed_token
 * ```
 */
export class InvalidTokenError extends GuardError {
  readonly code = 'invalid_token'
  readonly status = 401
  readonly reasonCode: keyof typeof reasons.invalid_token

  constructor(reasonCode: keyof typeof reasons.invalid_token, cause?: unknown) {
    super(reasons.invalid_token[reasonCode], cause)
    this.reasonCode = reasonCode
  }

  override get authorizationChanged(): boolean {
    return this.reasonCode === 'authorization_changed'
  }
}

/**
 * The DPoP proof of the request is missing or not valid: 401 (RFC 9449 §7.1, `invalid_dpop_proof`).
 *
 * @example
 * ```ts
 * import { InvalidProofError } from '@rolecall/guard'
 *
 * new InvalidProofError('replayed_proof').code // => 'invalid_dpop_proof'
 * ```
 */
export class InvalidProofError extends GuardError {
  readonly code = 'invalid_dpop_proof'
  readonly status = 401
  readonly reasonCode: keyof typeof reasons.invalid_dpop_proof

  constructor(reasonCode: keyof typeof reasons.invalid_dpop_proof, cause?: unknown) {
    super(reasons.invalid_dpop_proof[reasonCode], cause)
    this.reasonCode = reasonCode
  }
}

/**
 * The token is valid and does not satisfy what the route requires: 403 (RFC 6750 §3.1, `insufficient_scope`).
 *
 * @example
 * ```ts
 * import { InsufficientScopeError } from '@rolecall/guard'
 *
 * const error = new InsufficientScopeError(['read:messages'])
 * error.challenge(undefined, false) // => 'Bearer error="insufficient_scope", scope="read:messages"'
 * ```
 */
export class InsufficientScopeError extends GuardError {
  readonly code = 'insufficient_scope'
  readonly status = 403
  readonly reasonCode = 'missing_permission'
  readonly #required: readonly string[]
  readonly #authorizationChanged: boolean

  constructor(required: readonly string[], authorizationChanged = false) {
    super(reasons.insufficient_scope.missing_permission)
    this.#required = required
    this.#authorizationChanged = authorizationChanged
  }

  /** Whether the caller may have gained the permission since the token was issued. */
  override get authorizationChanged(): boolean {
    return this.#authorizationChanged
  }

  override get required(): readonly string[] {
    return this.#required
  }
}

/**
 * The token is valid, and the user has to log in in another way, or again, to use the route: 401 (RFC 9470 §3,
 * `insufficient_user_authentication`). The challenge has what the application puts into its next authorization request.
 *
 * @example
 * ```ts
 * import { InsufficientAuthenticationError } from '@rolecall/guard'
 *
 * const error = new InsufficientAuthenticationError('authentication_too_old', { maxAge: 300 })
 * error.challenge(undefined, false) // => 'Bearer error="insufficient_user_authentication", max_age="300"'
 * ```
 */
export class InsufficientAuthenticationError extends GuardError {
  readonly code = 'insufficient_user_authentication'
  readonly status = 401
  readonly reasonCode: keyof typeof reasons.insufficient_user_authentication
  readonly #acrValues: readonly string[]
  readonly #maxAge: number | undefined

  /** @param required `maxAge` in seconds */
  constructor(
    reasonCode: keyof typeof reasons.insufficient_user_authentication,
    required: { acrValues?: readonly string[] | undefined; maxAge?: number | undefined },
  ) {
    super(reasons.insufficient_user_authentication[reasonCode])
    this.reasonCode = reasonCode
    this.#acrValues = required.acrValues ?? []
    this.#maxAge = required.maxAge
  }

  protected override challengeParameters(): readonly string[] {
    return [
      ...(this.#acrValues.length > 0 ? [`acr_values="${this.#acrValues.join(' ')}"`] : []),
      ...(this.#maxAge === undefined ? [] : [`max_age="${this.#maxAge}"`]),
    ]
  }
}

/**
 * The guard cannot tell whether the token is still valid, and `live.whenUnreachable` is `'refuse'`: 503. The caller is not
 * at fault, so the answer has no challenge.
 *
 * @example
 * ```ts
 * import { ChangesUnavailableError } from '@rolecall/guard'
 *
 * guard.refusal(new ChangesUnavailableError()).status // => 503
 * ```
 */
export class ChangesUnavailableError extends GuardError {
  readonly code = 'temporarily_unavailable'
  readonly status = 503
  readonly reasonCode = 'changes_unavailable'
  /** Value of `Retry-After`, in seconds. */
  readonly retryAfterSeconds = 1

  constructor(cause?: unknown) {
    super(reasons.temporarily_unavailable.changes_unavailable, cause)
  }

  override challenge(): undefined {
    return undefined
  }
}

/**
 * No key of the issuer was ever loaded, so no token can be verified: 503. The caller is not at fault, so the answer has no
 * challenge.
 *
 * @example
 * ```ts
 * import { KeysUnavailableError } from '@rolecall/guard'
 *
 * guard.refusal(new KeysUnavailableError()).headers['retry-after'] // => '1'
 * ```
 */
export class KeysUnavailableError extends GuardError {
  readonly code = 'temporarily_unavailable'
  readonly status = 503
  readonly reasonCode = 'keys_unavailable'
  /** Value of `Retry-After`, in seconds. */
  readonly retryAfterSeconds = 1

  constructor(cause?: unknown) {
    super(reasons.temporarily_unavailable.keys_unavailable, cause)
  }

  override challenge(): undefined {
    return undefined
  }
}
