import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { type Access, parseAccess, type RouteAccess } from '../access/access.ts'
import type { RequestView } from '../access/requirement.ts'
import { authorizationValues } from '../bearer/token.ts'
import type { Guard } from '../guard.ts'
import { markAccess } from '../routes/marks.ts'
import { isJsonObject } from '../token/json.ts'
import type { Subject } from '../token/subject.ts'
import { authorizeRequest } from './authorize-request.ts'
import { pathOf, proofRequest } from './respond.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use this route. */
    access?: Access
  }
  interface FastifyRequest {
    /** The caller. Undefined on public routes, and on optional ones without token. */
    subject: Subject | undefined
  }
}

/**
 * The options of {@link fastifyGuard}.
 *
 * @example
 * ```ts
 * import { fastifyGuard, type FastifyGuardOptions } from '@rolecall/guard/fastify'
 *
 * const options: FastifyGuardOptions = { guard, defaultAccess: 'read:messages' }
 * await app.register(fastifyGuard, options)
 * ```
 */
export interface FastifyGuardOptions {
  guard: Guard
  /** The access of routes without `config: { access }`. Default: `'authenticated'`, so that no route is public by mistake. */
  defaultAccess?: Access
}

/**
 * A plugin that guards every route declared after it, in the context where it is registered and in those below.
 *
 * It runs in `onRequest`, before the hooks of the route and before the body is read. It does not change the answer to unknown
 * paths. The handler finds the caller in `request.subject`.
 *
 * @example
 * ```ts
 * import { fastifyGuard } from '@rolecall/guard/fastify'
 *
 * await app.register(fastifyGuard, { guard })
 * app.get('/health', { config: { access: 'public' } }, () => 'ok')
 * app.get('/admin', { config: { access: 'read:admin-messages' } }, (request) => request.subject?.sub)
 * ```
 */
export function fastifyGuard(app: FastifyInstance, options: FastifyGuardOptions, done: () => void): void {
  const { guard, defaultAccess = 'authenticated' } = options
  if (!app.hasRequestDecorator('subject')) app.decorateRequest('subject', undefined)
  app.addHook('onRoute', (route) => {
    const access = parseAccess(route.config?.access ?? defaultAccess)
    markAccess(route, access)
    route.onRequest = [guardHook(guard, access), ...[route.onRequest ?? []].flat()]
  })
  done()
}

// The plugin applies to the context where it is registered, as with the package fastify-plugin.
Object.assign(fastifyGuard, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@rolecall/guard',
})

function guardHook(guard: Guard, access: RouteAccess) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const view = () => requestView(request)
    authorizeRequest(guard, access, authorizationValues(request.raw.rawHeaders), view, {
      allow: (subject) => {
        request.subject = subject
        if (subject !== undefined) preventCaching(reply)
        done()
      },
      refuse: ({ status, headers, body }) => {
        preventCaching(reply)
        void reply.code(status).headers(headers).send(JSON.stringify(body))
      },
      fail: done,
    })
  }
}

/** RFC 9111 §3.5 allows a shared cache to store some answers to authorized requests. A header of the application stays. */
function preventCaching(reply: FastifyReply): void {
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
}

/**
 * Describes a request, for code that calls `guard.authorize` itself.
 *
 * @example
 * ```ts
 * import { requestView } from '@rolecall/guard/fastify'
 *
 * app.get('/greeting', async (request) => {
 *   const { authorization } = request.headers
 *   return guard.authorize(authorization, { kind: 'authenticated' }, () => requestView(request))
 * })
 * ```
 */
export function requestView(request: FastifyRequest): RequestView {
  return {
    method: request.method,
    path: pathOf(request.url),
    params: isJsonObject(request.params) ? request.params : {},
    request,
    proof: () => proofRequest(request.raw, request.originalUrl),
  }
}
