import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Access, parseAccess } from '../access/access.ts'
import { authorizationValues } from '../bearer/token.ts'
import type { Guard } from '../guard.ts'
import { markAccess } from '../routes/marks.ts'
import type { Subject } from '../token/subject.ts'
import { judge } from './authorize-request.ts'
import { pathOf, preventCaching, sendRefusal } from './respond.ts'

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the way @types/express is open for extension
  namespace Express {
    interface Request {
      /** Who calls; undefined on optional routes without token. */
      subject?: Subject | undefined
    }
  }
}

/** What the middleware needs of a request; Express 4 and 5 both have it. */
interface ExpressRequest extends IncomingMessage {
  originalUrl: string
  params: Record<string, unknown>
  subject?: Subject | undefined
}

/**
 * Middleware for Express 4 and 5, for one route, a router or the whole application.
 *
 *     app.get('/admin', requires(guard, 'read:admin-messages'), handler)
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
    })
    judge(guard, route, authorizationValues(request.rawHeaders), view, {
      admitted: (subject) => {
        request.subject = subject
        if (subject !== undefined) preventCaching(response)
        next()
      },
      refused: (refusal) => sendRefusal(response, refusal),
      failed: next,
    })
  }
  return markAccess(middleware, route)
}
