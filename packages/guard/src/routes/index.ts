/**
 * Lists what every route of an application requires, so that a test can fail on a route without a guard.
 */
export { expressRoutes } from './express-routes.ts'
export { fastifyRoutes } from './fastify-routes.ts'
export { assertCovered, describeRoutes, type ListedRoute } from './listed-route.ts'
export { withPermissions } from './openapi.ts'
export { type RequiredNames, type RouteAccessRecord, routeAccess } from './route-access.ts'
