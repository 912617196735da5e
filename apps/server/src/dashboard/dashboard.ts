import { managementAudience } from '@rolecall/contract'
import type { FastifyInstance } from 'fastify'
import { findSystemApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { notFound } from '../http/api-error.ts'
import { dashboardName } from '../system-objects.ts'
import { issuerPage } from './issuer-page.ts'
import { pageRoutes } from './page-routes.ts'
import { sampleAddresses } from './sample.ts'

/**
 * Serves the dashboard, as Vite built it, under `/dashboard/` of the issuer, and its configuration. The dashboard itself
 * uses only `/api/v2`, with a token from its own log-in. The page at the issuer's own address leads there.
 */
export async function dashboard(app: FastifyInstance, ctx: Context): Promise<void> {
  configurationRoute(app, ctx)
  issuerPage(app, ctx)
  await pageRoutes(app, ctx)
}

/** The dashboard's OAuth client configuration. It has no secret. */
function configurationRoute(
  app: FastifyInstance,
  { store, config }: Pick<Context, 'store' | 'config'>,
): void {
  app.get('/dashboard/config.json', async (_request, reply) => {
    const own = await findSystemApplication(store.db, dashboardName)
    if (!own) throw notFound('The application of the dashboard is missing')
    return reply.header('cache-control', 'no-store').send({
      issuer: config.issuer,
      client_id: own.clientId,
      audience: managementAudience(config.issuer),
      sends_mail: config.smtp !== undefined,
      sample: await sampleAddresses(store.db),
    })
  })
}
