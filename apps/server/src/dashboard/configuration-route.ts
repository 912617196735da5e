import { managementAudience } from '@rolecall/contract'
import type { FastifyInstance } from 'fastify'
import { listSystemApplications } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { notFound } from '../http/api-error.ts'
import { dashboardName } from '../system-objects.ts'

/** Where the dashboard logs in, and as which application. Nothing of it is secret. */
export function configurationRoute(
  app: FastifyInstance,
  { store, config }: Pick<Context, 'store' | 'config'>,
): void {
  app.get('/dashboard/config.json', async (_request, reply) => {
    const applications = await listSystemApplications(store.db)
    const own = applications.find(({ name }) => name === dashboardName)
    if (!own) throw notFound('The application of the dashboard is missing')
    return reply.header('cache-control', 'no-store').send({
      issuer: config.issuer,
      client_id: own.clientId,
      audience: managementAudience(config.issuer),
    })
  })
}
