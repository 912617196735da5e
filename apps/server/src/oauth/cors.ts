import type { FastifyReply, FastifyRequest } from 'fastify'
import { allowedOrigins } from '../applications/applications.ts'
import { allApplications, findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import type { Memory } from '../store/memory.ts'

/** Who may read the answers of this server from a browser's script (Fetch §3.2). Origins are compared whole. */
export interface Cors {
  /** A preflight does not say for which application it asks: any application's origin may go on to ask. */
  preflight(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
  /** The answer itself is readable to the origins of the application it is for. */
  allow(request: FastifyRequest, reply: FastifyReply, clientId: string): Promise<void>
}

export function createCors(ctx: Context, memory: Memory): Cors {
  const { db } = ctx.store
  const everyOrigin = () =>
    memory.recall('origins', async () => new Set((await allApplications(db)).flatMap(allowedOrigins)))

  return {
    async preflight(request, reply) {
      const { origin } = request.headers
      reply.header('vary', 'Origin')
      if (origin && (await everyOrigin()).has(origin))
        reply.headers({
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'authorization, content-type, auth0-client, dpop',
          'access-control-max-age': '600',
        })
      return reply.code(204).send()
    },
    async allow(request, reply, clientId) {
      const { origin } = request.headers
      reply.header('vary', 'Origin')
      const application = origin && (await findApplication(db, clientId))
      if (application && allowedOrigins(application).includes(origin))
        reply.header('access-control-allow-origin', origin)
    },
  }
}
