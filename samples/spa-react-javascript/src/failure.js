/** An error that is shown to the visitor: `title` says what happened, `message` what to do about it. */
export class Failure extends Error {
  name = 'Failure'
  title

  constructor(title, message, options) {
    super(message, options)
    this.title = title
  }
}

/** The authorization server issues no more tokens: the visitor has to log in again. */
export class SessionEnded extends Failure {
  name = 'SessionEnded'

  constructor(cause) {
    super('Your session has ended', `The authorization server says: ${cause.message}`, { cause })
  }
}

/** Why there is no access token: server unreachable, session ended, or invalid response. */
export function tokenFailure(authorizationServer, cause) {
  if (isUnanswered(cause)) return authorizationServerUnreachable(authorizationServer, cause)
  if (errorCode(cause) !== undefined && cause instanceof Error) return new SessionEnded(cause)
  return new Failure('No access token', cause instanceof Error ? cause.message : String(cause), { cause })
}

/** Why the callback did not lead to a session. */
export function loginFailure(authorizationServer, cause) {
  if (isUnanswered(cause)) return authorizationServerUnreachable(authorizationServer, cause)
  const error = errorCode(cause)
  if (error === 'missing_transaction' || error === 'state_mismatch') {
    return new Failure(
      'This log-in was not begun here',
      'It can be completed once, and only in the browser tab where it began. Begin a new one.',
      { cause },
    )
  }
  if (error === 'access_denied' && cause.message.includes('did not authorize')) {
    return new Failure(
      'The log-in was cancelled',
      'You did not allow this application to use your account. Log in again to allow it.',
      { cause },
    )
  }
  return new Failure('The log-in was refused', cause.message, { cause })
}

/** The SDK rethrows the error of `fetch`, has its own message for a timeout of `fetch`, and `timeout` for the iframe. */
function isUnanswered(cause) {
  const code = errorCode(cause)
  if (code !== undefined) return code === 'timeout'
  return cause instanceof TypeError || (cause instanceof Error && cause.message.startsWith('Timeout when'))
}

/** The `error` of an OAuth error response (RFC 6749 §4.1.2.1), which Auth0's SDK sets on its errors. */
function errorCode(cause) {
  return cause instanceof Error && 'error' in cause && typeof cause.error === 'string'
    ? cause.error
    : undefined
}

export function authorizationServerUnreachable(url, cause) {
  return new Failure(
    'Network error: the authorization server does not answer',
    `Nothing came back from ${url}. Check that it is running and that you are online.`,
    { cause },
  )
}

/** Browsers report an unreachable server and a CORS refusal in the same way, so the message has both hints. */
export function apiServerUnreachable(url, cause) {
  return new Failure(
    'Network error: the API server does not answer',
    `Nothing came back from ${url}. Check that it is running, that you are online, and that it allows the origin ${window.location.origin}.`,
    { cause },
  )
}
