import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { Context } from '../context.ts'

/** `/healthz`: the process answers. `/readyz`: so does its store. */
export function healthRoutes(app: FastifyInstance, { store }: Context): void {
  const quiet = { logLevel: 'warn' } as const
  app.get('/healthz', quiet, () => ({ status: 'ok' }))
  app.get('/readyz', quiet, async (_request, reply) => {
    const ready = await sql`select 1`.execute(store.db).then(
      () => true,
      () => false,
    )
    return ready ? { status: 'ok' } : reply.code(503).header('retry-after', '1').send({ status: 'no store' })
  })
}
