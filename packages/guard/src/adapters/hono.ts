import type { MiddlewareHandler } from 'hono'
import { type Access, parseAccess } from '../access/access.ts'
import { GuardError } from '../bearer/errors.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'
import { refusalResponse } from './fetch.ts'

/**
 * What {@link requires} sets in the context: `c.get('subject')`.
 *
 * @example
 * ```ts
 * import { requires, type SubjectEnv } from '@rolecall/guard/hono'
 * import { Hono } from 'hono'
 *
 * const api = new Hono<SubjectEnv>().use(requires(guard))
 * api.get('/me', (c) => c.text(c.get('subject').sub))
 * ```
 */
export interface SubjectEnv<Caller = Subject> {
  Variables: { subject: Caller }
}

/**
 * Middleware for Hono. Without an access it requires a valid token. `c.get('subject')` is the caller; it can be undefined
 * only for `'public'` and `'optional'`.
 *
 * @throws TypeError when the access is not valid
 *
 * @example
 * ```ts
 * import { requires } from '@rolecall/guard/hono'
 *
 * app.get('/admin', requires(guard, 'read:admin-messages'), (c) => c.json({ sub: c.get('subject').sub }))
 * ```
 */
export function requires(
  guard: Guard,
  access: 'public' | 'optional',
): MiddlewareHandler<SubjectEnv<Subject | undefined>>
export function requires(guard: Guard, access?: Access): MiddlewareHandler<SubjectEnv>
export function requires(guard: Guard, access: Access = 'authenticated'): MiddlewareHandler {
  const route = parseAccess(access)
  return async (c, next) => {
    const view = () => ({
      method: c.req.method,
      path: c.req.path,
      params: c.req.param(),
      request: c.req,
      proof: () => ({ method: c.req.method, url: c.req.url, proofs: c.req.header('dpop') }),
    })
    try {
      c.set('subject', await guard.authorize(c.req.header('authorization'), route, view))
    } catch (error) {
      if (error instanceof GuardError) return refusalResponse(guard, error)
      throw error
    }
    await next()
    if (c.get('subject') !== undefined && !c.res.headers.has('cache-control'))
      c.header('cache-control', 'no-store')
    return undefined
  }
}
