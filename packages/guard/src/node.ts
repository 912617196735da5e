import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseAccess, parseRequiredAccess, type RequiredAccess, type RouteAccess } from './access.ts'
import { authorizationValues } from './bearer.ts'
import type { Guard } from './guard.ts'
import { judge } from './judge.ts'
import { pathOf, preventCaching, sendRefusal } from './node-response.ts'
import type { Subject } from './subject.ts'

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
    judge(guard, route, authorizationValues(request.rawHeaders), view, {
      admitted: (subject) => {
        if (subject !== undefined) preventCaching(response)
        void handler(request, response, subject)
      },
      refused: (refusal) => sendRefusal(response, refusal),
      // There is no framework to hand it to.
      failed: (error) => {
        guard.warn('A request could not be judged', error)
        sendRefusal(response, {
          status: 500,
          headers: { 'content-type': 'application/problem+json' },
          body: { title: 'Internal Server Error', status: 500 },
        })
      },
    })
  }
}
