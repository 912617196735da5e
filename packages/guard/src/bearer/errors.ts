/**
 * The refusals of RFC 6750 §3.1, each with its status and its `WWW-Authenticate` challenge.
 *
 * `reason` is a fixed text: nothing a caller sent is ever repeated in it, so it is safe in a header, a body or a log.
 */
export type GuardErrorCode =
  | 'missing_token'
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'temporarily_unavailable'

export abstract class GuardError extends Error {
  abstract readonly code: GuardErrorCode
  /** HTTP status this refusal is answered with. */
  abstract readonly status: number
  /** Why, in fixed words for a developer. */
  readonly reason: string

  constructor(reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.reason = reason
  }

  /** Names of the permissions and scopes the route asks for; empty unless that is what was missing. */
  get required(): readonly string[] {
    return []
  }

  /** Value of `WWW-Authenticate` (RFC 6750 §3), or undefined where no challenge is due. */
  challenge(realm: string | undefined, withReason: boolean): string | undefined {
    const parameters = realm === undefined ? [] : [`realm="${realm}"`]
    const error = this.challengeError()
    if (error !== undefined) {
      parameters.push(`error="${error}"`)
      if (withReason) parameters.push(`error_description="${this.reason}"`)
    }
    if (this.required.length > 0) parameters.push(`scope="${this.required.join(' ')}"`)
    return parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`
  }

  protected challengeError(): string | undefined {
    return this.code
  }
}

/** No credentials at all: the challenge carries no error code (RFC 6750 §3.1, last paragraph). */
export class MissingTokenError extends GuardError {
  readonly code = 'missing_token'
  readonly status = 401

  constructor() {
    super('No access token was sent')
  }

  protected override challengeError(): undefined {
    return undefined
  }
}

/** The request presents its token in a malformed way, such as twice. */
export class InvalidRequestError extends GuardError {
  readonly code = 'invalid_request'
  readonly status = 400
}

/** The token is expired, forged, malformed or meant for somebody else. */
export class InvalidTokenError extends GuardError {
  readonly code = 'invalid_token'
  readonly status = 401
}

/** The token is good and does not allow this. `required` names what would. */
export class InsufficientScopeError extends GuardError {
  readonly code = 'insufficient_scope'
  readonly status = 403
  readonly #required: readonly string[]

  constructor(required: readonly string[]) {
    super('The access token does not carry the required permission')
    this.#required = required
  }

  override get required(): readonly string[] {
    return this.#required
  }
}

/** No key of the issuer was ever fetched, so no token can be judged. Nobody's credentials are at fault: no challenge. */
export class KeysUnavailableError extends GuardError {
  readonly code = 'temporarily_unavailable'
  readonly status = 503
  /** For `Retry-After`, in seconds. */
  readonly retryAfterSeconds = 1

  constructor(cause?: unknown) {
    super('The keys of the issuer cannot be fetched', cause)
  }

  override challenge(): undefined {
    return undefined
  }
}
