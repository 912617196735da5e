import { type GuardError, KeysUnavailableError } from './errors.ts'

/** What is sent instead of the route's own answer. `body` is sent as JSON. */
export interface Refusal {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** Shapes a refusal's status, body and further headers; the challenge is set already. */
export type Respond = (error: GuardError) => {
  status?: number
  headers?: Record<string, string>
  body: unknown
}

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

/** Turns an error into an answer: header by RFC 6750 §3, body by RFC 9457 unless the application shapes its own. */
export function refusalOf(error: GuardError, options: RefusalOptions): Refusal {
  const headers: Record<string, string> = {}
  const challenge = error.challenge(options.realm, options.errorDetail)
  if (challenge !== undefined) headers['www-authenticate'] = challenge
  if (error instanceof KeysUnavailableError) headers['retry-after'] = String(error.retryAfterSeconds)
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

/** RFC 9457 §3; `type` is left out, which means "about:blank": the status says it all. */
function problemDetails(error: GuardError, withReason: boolean): Record<string, unknown> {
  return {
    title: titles[error.status] ?? 'Error',
    status: error.status,
    code: error.code,
    ...(withReason && { detail: error.reason }),
    ...(error.required.length > 0 && { required: error.required }),
  }
}
