import { ChangesUnavailableError, type GuardError, KeysUnavailableError } from './errors.ts'

/**
 * The answer to a refused request.
 *
 * @example
 * ```ts
 * import { MissingTokenError, type Refusal } from '@rolecall/guard'
 *
 * const refusal: Refusal = guard.refusal(new MissingTokenError())
 * refusal.status // => 401
 * refusal.headers['www-authenticate'] // => 'Bearer'
 * ```
 */
export interface Refusal {
  status: number
  /** By lower-case name. */
  headers: Record<string, string>
  /** Sent as JSON. */
  body: unknown
}

/**
 * Shapes the answer to a refused request: status, further headers and body. `WWW-Authenticate` is already set.
 *
 * @example
 * ```ts
 * import type { Respond } from '@rolecall/guard'
 *
 * const respond: Respond = (error) => ({ body: { message: error.reason, code: error.reasonCode } })
 * ```
 */
export type Respond = (error: GuardError) => {
  /** Default: the status of the error. */
  status?: number
  headers?: Record<string, string>
  body: unknown
}

/** The options of a guard that concern its refusals. */
export interface RefusalOptions {
  realm: string | undefined
  errorDetail: boolean
  respond: Respond | undefined
}

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  503: 'Service Unavailable',
}

/**
 * Turns an error into an answer: the challenge of RFC 6750 §3, and a body of RFC 9457 unless the application shapes its own.
 *
 * @example
 * ```ts
 * import { InvalidTokenError } from '@rolecall/guard'
 *
 * const options = { realm: 'api', errorDetail: false, respond: undefined }
 * toRefusal(new InvalidTokenError('token_expired'), options).status // => 401
 * ```
 */
export function toRefusal(error: GuardError, options: RefusalOptions): Refusal {
  const headers: Record<string, string> = {}
  const challenge = error.challenge(options.realm, options.errorDetail)
  if (challenge !== undefined) headers['www-authenticate'] = challenge
  if (error instanceof KeysUnavailableError || error instanceof ChangesUnavailableError)
    headers['retry-after'] = String(error.retryAfterSeconds)
  if (options.respond === undefined) {
    headers['content-type'] = 'application/problem+json'
    return { status: error.status, headers, body: problemDetails(error, options.errorDetail) }
  }
  headers['content-type'] = 'application/json'
  const shaped = options.respond(error)
  return {
    status: shaped.status ?? error.status,
    headers: { ...headers, ...shaped.headers },
    body: shaped.body,
  }
}

/** RFC 9457 §3. Without `type` it is "about:blank", so the title is that of the status. */
function problemDetails(error: GuardError, withReason: boolean): Record<string, unknown> {
  return {
    title: titles[error.status] ?? 'Error',
    status: error.status,
    code: error.code,
    ...(withReason && { detail: error.reason }),
    ...(error.required.length > 0 && { required: error.required }),
  }
}
