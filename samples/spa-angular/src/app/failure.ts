/** Something the visitor is told about in words: `title` says what happened, `message` what to do about it. */
export class Failure extends Error {
  override name = 'Failure'
  readonly title: string

  constructor(title: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.title = title
  }
}

/** The authorization server gives no token any more: logging in again is the only way on. */
export class SessionEnded extends Failure {
  override name = 'SessionEnded'

  constructor(cause: Error) {
    super('Your session has ended', `The authorization server says: ${cause.message}`, { cause })
  }
}

/** Why there is no access token: the server was not reached, the session is over, or the answer did not hold. */
export function tokenFailure(authorizationServer: string, cause: unknown): Failure {
  if (isUnanswered(cause)) return authorizationServerUnreachable(authorizationServer, cause)
  if (errorCode(cause) !== undefined && cause instanceof Error) return new SessionEnded(cause)
  return new Failure('No access token', cause instanceof Error ? cause.message : String(cause), { cause })
}

/** Why coming back from the authorization server did not end in a session. */
export function loginFailure(authorizationServer: string, cause: Error): Failure {
  if (isUnanswered(cause)) return authorizationServerUnreachable(authorizationServer, cause)
  const error = errorCode(cause)
  if (error === 'missing_transaction' || error === 'state_mismatch') {
    return new Failure(
      'This log-in was not begun here',
      'It can be completed once, and only in the browser tab where it began. Begin a new one.',
      { cause },
    )
  }
  return new Failure('The log-in was refused', cause.message, { cause })
}

/** The SDK throws what `fetch` threw, its own text when that took too long, and `timeout` for the iframe. */
function isUnanswered(cause: unknown): boolean {
  const code = errorCode(cause)
  if (code !== undefined) return code === 'timeout'
  return cause instanceof TypeError || (cause instanceof Error && cause.message.startsWith('Timeout when'))
}

/** The `error` of an OAuth error response (RFC 6749 §4.1.2.1), which Auth0's SDK puts on what it throws. */
function errorCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'error' in cause && typeof cause.error === 'string'
    ? cause.error
    : undefined
}

export function authorizationServerUnreachable(url: string, cause: unknown): Failure {
  return new Failure(
    'Network error: the authorization server does not answer',
    `Nothing came back from ${url}. Check that it is running and that you are online.`,
    { cause },
  )
}

/** Browsers do not tell a server that is down from one whose CORS rules keep this client out, hence both hints. */
export function apiServerUnreachable(url: string, cause: unknown): Failure {
  return new Failure(
    'Network error: the API server does not answer',
    `Nothing came back from ${url}. Check that it is running, that you are online, and that it allows the origin ${window.location.origin}.`,
    { cause },
  )
}
