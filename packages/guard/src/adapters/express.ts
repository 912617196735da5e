import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Access, parseAccess } from '../access/access.ts'
import { authorizationValues } from '../bearer/token.ts'
import type { Guard } from '../guard.ts'
import { markAccess } from '../routes/marks.ts'
import type { Subject } from '../token/subject.ts'
import { authorizeRequest } from './authorize-request.ts'
import { pathOf, preventCaching, proofRequest, sendRefusal } from './respond.ts'

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the way @types/express is open for extension
  namespace Express {
    interface Request {
      /** The caller. Undefined on public routes, and on optional ones without token. */
      subject?: Subject | undefined
    }
  }
}

/** What the middleware needs of a request. Express 4 and 5 both have it. */
interface ExpressRequest extends IncomingMessage {
  originalUrl: string
  params: Record<string, unknown>
  subject?: Subject | undefined
}

/**
 * Middleware for Express 4 and 5, for one route, a router or the whole application. Without an access it requires a valid
 * token. The handler finds the caller in `request.subject`.
 *
 * @throws TypeError when the access is not valid
 *
 * @example
 * ```ts
 * import { requires } from '@rolecall/guard/express'
 *
 * app.get('/admin', requires(guard, 'read:admin-messages'), (request, response) => {
 *   response.json({ hello: request.subject?.sub })
 * })
 * ```
 */
export function requires(guard: Guard, access: Access = 'authenticated') {
  const route = parseAccess(access)
  const middleware = (
    request: ExpressRequest,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    const view = () => ({
      method: request.method ?? 'GET',
      path: pathOf(request.originalUrl),
      params: request.params,
      request,
      proof: () => proofRequest(request, request.originalUrl),
    })
    authorizeRequest(guard, route, authorizationValues(request.rawHeaders), view, {
      allow: (subject) => {
        request.subject = subject
        if (subject !== undefined) preventCaching(response)
        next()
      },
      refuse: (refusal) => sendRefusal(response, refusal),
      fail: next,
    })
  }
  return markAccess(middleware, route)
}
