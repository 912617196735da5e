import { describeAccess, type RouteAccess } from '../access/access.ts'

/**
 * A route of an application, and what its guards require.
 *
 * @example
 * ```ts
 * import { fastifyRoutes, type ListedRoute } from '@rolecall/guard/routes'
 *
 * const isOpen = ({ access }: ListedRoute) => access.length === 0
 * fastifyRoutes(app).some(isOpen) // => false
 * ```
 */
export interface ListedRoute {
  /** `GET`, or `ALL` for a route that answers every method. */
  method: string
  /** As the framework spells it: `/users/:id`. */
  path: string
  /** What the guards before the route require: each of these. Empty for a route without a guard. */
  access: readonly RouteAccess[]
}

/**
 * Fails when a route is neither guarded nor declared public.
 *
 * @throws Error naming every such route
 *
 * @example
 * ```ts
 * import { assertCovered, fastifyRoutes } from '@rolecall/guard/routes'
 *
 * assertCovered(fastifyRoutes(app))
 * ```
 */
export function assertCovered(routes: readonly ListedRoute[]): void {
  const open = routes.filter(({ access }) => access.length === 0)
  if (open.length === 0) return
  const lines = open.map(({ method, path }) => `  ${method} ${path}`)
  throw new Error(`Neither guarded nor declared public:\n${lines.join('\n')}`)
}

/**
 * One line for each route, for a snapshot or a person to read.
 *
 * @example
 * ```ts
 * import { describeRoutes } from '@rolecall/guard/routes'
 *
 * describeRoutes([{ method: 'GET', path: '/me', access: [{ kind: 'authenticated' }] }]) // => 'GET /me: authenticated'
 * ```
 */
export function describeRoutes(routes: readonly ListedRoute[]): string {
  return routes.map(({ method, path, access }) => `${method} ${path}: ${describeAll(access)}`).join('\n')
}

/**
 * What the guards of a route require, as text.
 *
 * @example
 * ```ts
 * describeAll([{ kind: 'authenticated' }, { kind: 'optional' }]) // => 'authenticated and optional'
 * describeAll([]) // => 'not guarded'
 * ```
 */
export function describeAll(access: readonly RouteAccess[]): string {
  return access.length === 0 ? 'not guarded' : access.map(describeAccess).join(' and ')
}
