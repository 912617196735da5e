import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { type Access, parseAccess, type RouteAccess } from '../access/access.ts'
import type { RequestView } from '../access/requirement.ts'
import { authorizationValues } from '../bearer/token.ts'
import type { Guard } from '../guard.ts'
import { markAccess } from '../routes/marks.ts'
import { isJsonObject } from '../token/json.ts'
import type { Subject } from '../token/subject.ts'
import { judge } from './authorize-request.ts'
import { pathOf } from './respond.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use this route. */
    access?: Access
  }
  interface FastifyRequest {
    /** Who calls; undefined on public routes and on optional ones without token. */
    subject: Subject | undefined
  }
}

export interface FastifyGuardOptions {
  guard: Guard
  /** For routes that do not say `config: { access }`. Default: `'authenticated'`, so that none is open by oversight. */
  defaultAccess?: Access
}

/**
 * Guards every route declared after it, in its own context and those within.
 *
 *     await app.register(fastifyGuard, { guard })
 *     app.get('/admin', { config: { access: 'read:admin-messages' } }, handler)
 *
 * The check runs before the route's own hooks and before the body is read. Answers to unknown paths stay as they are.
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

// Applies to the context it is registered in, not to one of its own, as the plugins of fastify-plugin do.
Object.assign(fastifyGuard, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@rolecall/guard',
})

function guardHook(guard: Guard, access: RouteAccess) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const view = () => viewOf(request)
    judge(guard, access, authorizationValues(request.raw.rawHeaders), view, {
      admitted: (subject) => {
        request.subject = subject
        if (subject !== undefined) preventCaching(reply)
        done()
      },
      refused: ({ status, headers, body }) => {
        preventCaching(reply)
        void reply.code(status).headers(headers).send(JSON.stringify(body))
      },
      failed: done,
    })
  }
}

/** RFC 9111 §3.5 would let a shared cache keep some answers to authorized requests. The application's own wish stands. */
function preventCaching(reply: FastifyReply): void {
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
}

function viewOf(request: FastifyRequest): RequestView {
  return {
    method: request.method,
    path: pathOf(request.url),
    params: isJsonObject(request.params) ? request.params : {},
    request,
  }
}
