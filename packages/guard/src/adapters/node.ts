import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseAccess, parseRequiredAccess, type RequiredAccess, type RouteAccess } from '../access/access.ts'
import { authorizationValues } from '../bearer/token.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'
import { authorizeRequest } from './authorize-request.ts'
import { pathOf, preventCaching, proofRequest, sendRefusal } from './respond.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

type Handler<Caller> = (
  request: IncomingMessage,
  response: ServerResponse,
  subject: Caller,
) => void | Promise<void>

/**
 * Guards a handler of `node:http`. The handler is called with the caller as third argument. When it throws or rejects, the
 * request is answered with 500 and the error is passed to `warn`.
 *
 * @throws TypeError when the access is not valid, or does not require a token
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { guarded } from '@rolecall/guard/node'
 *
 * createServer(guarded(guard, 'read:messages', (_request, response, subject) => void response.end(subject.sub)))
 * ```
 */
export function guarded(guard: Guard, access: RequiredAccess, handler: Handler<Subject>): Listener {
  return listener(
    guard,
    parseRequiredAccess(access),
    (request, response, subject) => subject && handler(request, response, subject),
  )
}

/**
 * Calls a handler of `node:http` with or without token. A bad token is refused.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { optional } from '@rolecall/guard/node'
 *
 * createServer(optional(guard, (_request, response, subject) => void response.end(subject?.sub ?? 'stranger')))
 * ```
 */
export function optional(guard: Guard, handler: Handler<Subject | undefined>): Listener {
  return listener(guard, parseAccess('optional'), handler)
}

function listener(guard: Guard, route: RouteAccess, handler: Handler<Subject | undefined>): Listener {
  return (request, response) => {
    const view = () => ({
      method: request.method ?? 'GET',
      path: pathOf(request.url ?? '/'),
      params: {},
      request,
      proof: () => proofRequest(request, request.url ?? '/'),
    })
    // Without a framework there is no error handler, and an unhandled error would end the process.
    const answerFailure = (message: string, error: unknown): void => {
      guard.warn(message, error)
      sendServerError(response)
    }
    authorizeRequest(guard, route, authorizationValues(request.rawHeaders), view, {
      allow: (subject) => {
        if (subject !== undefined) preventCaching(response)
        const handle = async (): Promise<void> => handler(request, response, subject)
        handle().catch((error: unknown) => answerFailure('A handler failed', error))
      },
      refuse: (refusal) => sendRefusal(response, refusal),
      fail: (error) => answerFailure('The authorization of a request failed', error),
    })
  }
}

/** An answer that was already begun is aborted, so that the client does not take it for complete. */
function sendServerError(response: ServerResponse): void {
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  sendRefusal(response, {
    status: 500,
    headers: { 'content-type': 'application/problem+json' },
    body: { title: 'Internal Server Error', status: 500 },
  })
}
