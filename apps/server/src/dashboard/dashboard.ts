import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { configurationRoute } from './configuration-route.ts'
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
