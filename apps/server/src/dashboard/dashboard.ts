import { managementAudience } from '@rolecall/contract'
import type { FastifyInstance } from 'fastify'
import { listSystemApplications } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { notFound } from '../http/api-error.ts'
import { dashboardName } from '../system-objects.ts'
import { pageRoutes } from './page-routes.ts'
import { setupRoutes } from './setup-routes.ts'

/**
 * The admin web app, as Vite built it, under `/dashboard/` of the issuer: its pages under a strict policy (ASVS 3.4.3),
 * its assets for good, and where it learns who it is. Everything it shows and does goes through `/api/v2`, with a token
 * of its own log-in; it has no other door. Beside it the page on which the first owner is set up.
 */
export async function dashboard(app: FastifyInstance, ctx: Context): Promise<void> {
  configurationRoute(app, ctx)
  setupRoutes(app, ctx)
  await pageRoutes(app, ctx)
}

/** Where the dashboard logs in, and as which application. Nothing of it is secret. */
function configurationRoute(
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
