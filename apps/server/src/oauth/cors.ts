import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allowedOrigins, originMatcher } from '../applications/origins.ts'
import { allApplications, findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import type { Cache } from '../store/cache.ts'

interface CorsOptions {
  /** Also for requests with cookies, which auth0-js sends. Only for answers that depend on none. */
  credentials?: boolean
}

/**
 * Which origins' scripts may read the answers of this server (Fetch §3.2). No answer that depends on a cookie allows
 * credentials.
 */
export interface Cors {
  /**
   * Makes these addresses callable from a browser. Every answer is readable to the origins of all applications, whatever
   * refuses the request; `narrow` limits it once the application is known.
   */
  serve(app: FastifyInstance, paths: readonly string[], options?: CorsOptions): void
  /** Limits the answer to the origins of the application that it is for. */
  narrow(request: FastifyRequest, reply: FastifyReply, clientId: string): Promise<void>
}

const exposed =
  'WWW-Authenticate, DPoP-Nonce, Retry-After, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset'

export function createCors(ctx: Context, cache: Cache): Cors {
  const { db } = ctx.store
  let latest: ((origin: string) => boolean) | undefined

  /** While the store cannot be reached, the answer that says so is readable to the origins known before. */
  async function isKnown(origin: string): Promise<boolean> {
    try {
      latest = await cache.get('origins', async () =>
        originMatcher((await allApplications(db)).flatMap(allowedOrigins)),
      )
    } catch {
      // The route itself meets the same problem, and reports it.
    }
    return latest?.(origin) ?? false
  }

  async function announce(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { origin } = request.headers
    reply.header('vary', 'Origin')
    if (origin && (await isKnown(origin)))
      reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed })
  }

  return {
    serve(app, paths, { credentials = false } = {}) {
      const served = new Set(paths)
      app.addHook('onRequest', async (request, reply) => {
        if (!served.has(request.routeOptions.url ?? '')) return
        await announce(request, reply)
        if (credentials && reply.hasHeader('access-control-allow-origin'))
          reply.header('access-control-allow-credentials', 'true')
      })
      for (const path of paths)
        app.options(path, (request, reply) => answerPreflight(request, reply, 'GET, POST'))
    },
    async narrow(request, reply, clientId) {
      const { origin } = request.headers
      const application = origin && (await findApplication(db, clientId))
      if (application && !originMatcher(allowedOrigins(application))(origin))
        reply.removeHeader('access-control-allow-origin')
    },
  }
}

/** For what is public: every origin may read it. */
export function servePublic(app: FastifyInstance, path: string): void {
  app.options(path, (request, reply) =>
    answerPreflight(request, reply.header('access-control-allow-origin', '*'), 'GET'),
  )
}

/** A request may carry any header: instrumentation adds its own (`traceparent`), and none of them is a permission here. */
function answerPreflight(request: FastifyRequest, reply: FastifyReply, methods: string): FastifyReply {
  const headers = request.headers['access-control-request-headers']
  if (reply.hasHeader('access-control-allow-origin'))
    reply.headers({
      'access-control-allow-methods': methods,
      ...(headers && { 'access-control-allow-headers': headers }),
      'access-control-max-age': '600',
    })
  return reply.code(204).send()
}
