import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseAccess, parseRequiredAccess, type RequiredAccess, type RouteAccess } from '../access/access.ts'
import { authorizationValues } from '../bearer/token.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'
import { judge } from './authorize-request.ts'
import { pathOf, preventCaching, sendRefusal } from './respond.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

type Handler<Caller> = (
  request: IncomingMessage,
  response: ServerResponse,
  subject: Caller,
) => void | Promise<void>

/**
 * Guards a handler of `node:http`.
 *
 *     createServer(guarded(guard, 'read:admin-messages', (request, response, subject) => { … }))
 */
export function guarded(guard: Guard, access: RequiredAccess, handler: Handler<Subject>): Listener {
  return listener(
    guard,
    parseRequiredAccess(access),
    (request, response, subject) => subject && handler(request, response, subject),
  )
}

/** Runs a handler with or without token; a bad token is refused all the same. */
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
    })
    // There is no framework to hand it to, and one broken answer must not end the whole server.
    const failed = (message: string, error: unknown): void => {
      guard.warn(message, error)
      sendServerError(response)
    }
    judge(guard, route, authorizationValues(request.rawHeaders), view, {
      admitted: (subject) => {
        if (subject !== undefined) preventCaching(response)
        const handle = async (): Promise<void> => handler(request, response, subject)
        handle().catch((error: unknown) => failed('A handler failed', error))
      },
      refused: (refusal) => sendRefusal(response, refusal),
      failed: (error) => failed('A request could not be judged', error),
    })
  }
}

/** An answer already under way is broken off instead, so that nobody takes it for a whole one. */
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
