import { parseAccess, parseRequiredAccess, type RequiredAccess, type RouteAccess } from '../access/access.ts'
import { GuardError } from '../bearer/errors.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'

/** A handler of the fetch standard. Further arguments of the platform come after the subject. */
type Handler<Caller, Rest extends unknown[]> = (
  request: Request,
  subject: Caller,
  ...rest: Rest
) => Response | Promise<Response>

type Guarded<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Promise<Response>

/**
 * Guards a fetch-style handler, as Deno, Bun, Cloudflare Workers and Next.js have them. The handler is called with the
 * caller as second argument.
 *
 * @throws TypeError when the access is not valid, or does not require a token
 *
 * @example
 * ```ts
 * import { guarded } from '@rolecall/guard/fetch'
 *
 * const admin = guarded(guard, 'read:admin-messages', (_request, subject) => Response.json({ sub: subject.sub }))
 * const answer = await admin(new Request('https://api.test/admin'))
 * answer.status // => 401
 * ```
 */
export function guarded<Rest extends unknown[]>(
  guard: Guard,
  access: RequiredAccess,
  handler: Handler<Subject, Rest>,
): Guarded<Rest> {
  const route = parseRequiredAccess(access)
  return async (request, ...rest) => {
    const subject = await authorizeFetch(guard, route, request)
    if (subject instanceof Response) return subject
    if (subject === undefined) throw new TypeError('A guarded request has no subject')
    return withoutCaching(await handler(request, subject, ...rest))
  }
}

/**
 * Calls a fetch-style handler with or without token. A bad token is refused.
 *
 * @example
 * ```ts
 * import { optional } from '@rolecall/guard/fetch'
 *
 * const greet = optional(guard, (_request, subject) => new Response(`Hello ${subject?.sub ?? 'stranger'}`))
 * await (await greet(new Request('https://api.test/'))).text() // => 'Hello stranger'
 * ```
 */
export function optional<Rest extends unknown[]>(
  guard: Guard,
  handler: Handler<Subject | undefined, Rest>,
): Guarded<Rest> {
  const route = parseAccess('optional')
  return async (request, ...rest) => {
    const subject = await authorizeFetch(guard, route, request)
    if (subject instanceof Response) return subject
    const response = await handler(request, subject, ...rest)
    return subject === undefined ? response : withoutCaching(response)
  }
}

/** The subject, or the answer to a refused request. */
async function authorizeFetch(
  guard: Guard,
  route: RouteAccess,
  request: Request,
): Promise<Subject | Response | undefined> {
  const header = request.headers.get('authorization') ?? undefined
  const view = () => ({
    method: request.method,
    path: new URL(request.url).pathname,
    params: {},
    request,
    proof: () => ({
      method: request.method,
      url: request.url,
      proofs: request.headers.get('dpop') ?? undefined,
    }),
  })
  try {
    return await guard.authorize(header, route, view)
  } catch (error) {
    if (error instanceof GuardError) return refusalResponse(guard, error)
    throw error
  }
}

/**
 * The answer to a refused request, for handlers that call `guard.authorize` or `guard.verify` themselves.
 *
 * @example
 * ```ts
 * import { MissingTokenError } from '@rolecall/guard'
 * import { refusalResponse } from '@rolecall/guard/fetch'
 *
 * refusalResponse(guard, new MissingTokenError()).headers.get('www-authenticate') // => 'Bearer'
 * ```
 */
export function refusalResponse(guard: Guard, error: GuardError): Response {
  const { status, headers, body } = guard.refusal(error)
  return new Response(JSON.stringify(body), { status, headers: { 'cache-control': 'no-store', ...headers } })
}

function withoutCaching(response: Response): Response {
  if (response.headers.has('cache-control')) return response
  const headers = new Headers(response.headers)
  headers.set('cache-control', 'no-store')
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}
