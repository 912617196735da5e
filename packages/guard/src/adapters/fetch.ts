import { parseAccess, parseRequiredAccess, type RequiredAccess, type RouteAccess } from '../access/access.ts'
import { GuardError } from '../bearer/errors.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'

/** A handler of the fetch standard; what the platform passes beside the request comes last. */
type Handler<Caller, Rest extends unknown[]> = (
  request: Request,
  subject: Caller,
  ...rest: Rest
) => Response | Promise<Response>

type Guarded<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Promise<Response>

/**
 * Guards a fetch-style handler, as Deno, Bun, Cloudflare Workers and Next.js have them.
 *
 *     export default { fetch: guarded(guard, 'read:admin-messages', (request, subject) => Response.json({ … })) }
 */
export function guarded<Rest extends unknown[]>(
  guard: Guard,
  access: RequiredAccess,
  handler: Handler<Subject, Rest>,
): Guarded<Rest> {
  const route = parseRequiredAccess(access)
  return async (request, ...rest) => {
    const subject = await judged(guard, route, request)
    if (subject instanceof Response) return subject
    if (subject === undefined) throw new TypeError('A guarded request has no subject')
    return notCached(await handler(request, subject, ...rest))
  }
}

/** Runs a handler with or without token; a bad token is refused all the same. */
export function optional<Rest extends unknown[]>(
  guard: Guard,
  handler: Handler<Subject | undefined, Rest>,
): Guarded<Rest> {
  const route = parseAccess('optional')
  return async (request, ...rest) => {
    const subject = await judged(guard, route, request)
    if (subject instanceof Response) return subject
    const response = await handler(request, subject, ...rest)
    return subject === undefined ? response : notCached(response)
  }
}

/** The subject, or the answer to a refused request. */
async function judged(
  guard: Guard,
  route: RouteAccess,
  request: Request,
): Promise<Subject | Response | undefined> {
  const header = request.headers.get('authorization') ?? undefined
  const view = () => ({ method: request.method, path: new URL(request.url).pathname, params: {}, request })
  try {
    return await guard.authorize(header, route, view)
  } catch (error) {
    if (error instanceof GuardError) return refusalResponse(guard, error)
    throw error
  }
}

/** The answer to a refused request. */
export function refusalResponse(guard: Guard, error: GuardError): Response {
  const { status, headers, body } = guard.refusal(error)
  return new Response(JSON.stringify(body), { status, headers: { 'cache-control': 'no-store', ...headers } })
}

function notCached(response: Response): Response {
  if (response.headers.has('cache-control')) return response
  const headers = new Headers(response.headers)
  headers.set('cache-control', 'no-store')
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}
