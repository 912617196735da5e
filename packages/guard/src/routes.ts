/**
 * Lists what every route of an application requires, so that a test can fail on one that nobody thought of.
 *
 *     assertCovered(fastifyRoutes(app))
 */
export { expressRoutes } from './routes/express-routes.ts'
export { fastifyRoutes } from './routes/fastify-routes.ts'
export { assertCovered, describeRoutes, type ListedRoute } from './routes/listed-route.ts'
export { withPermissions } from './routes/openapi.ts'
