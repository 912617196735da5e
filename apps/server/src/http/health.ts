import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'

/** `/healthz`: the process answers. `/readyz`: the store can read and write, and the server is not stopping. */
export function healthRoutes(app: FastifyInstance, { store }: Context): void {
  const quiet = { logLevel: 'warn' } as const
  app.get('/healthz', quiet, () => ({ status: 'ok' }))
  app.get('/readyz', quiet, async (_request, reply) => {
    const problem = app.connections.isDraining ? 'stopping' : await storeProblem()
    return problem ? reply.code(503).header('retry-after', '1').send({ status: problem }) : { status: 'ok' }
  })

  async function storeProblem(): Promise<string | undefined> {
    try {
      await store.check()
      return undefined
    } catch (error) {
      app.log.warn(error, 'the store is not ready')
      return 'no store'
    }
  }
}
