import { describeAccess, type RouteAccess } from '../access/access.ts'

/** A route of an application and what the guard asks for it. */
export interface ListedRoute {
  /** `GET`, or `ALL` for a route that answers every method. */
  method: string
  /** In the framework's own spelling. */
  path: string
  /** Each of these must be met. Empty: no guard stands before it and nobody declared it public. */
  access: readonly RouteAccess[]
}

/** @throws Error naming every route that is neither guarded nor declared public */
export function assertCovered(routes: readonly ListedRoute[]): void {
  const open = routes.filter(({ access }) => access.length === 0)
  if (open.length === 0) return
  const lines = open.map(({ method, path }) => `  ${method} ${path}`)
  throw new Error(`Neither guarded nor declared public:\n${lines.join('\n')}`)
}

/** One line per route, for a person or a snapshot: `GET /admin: read:admin-messages`. */
export function describeRoutes(routes: readonly ListedRoute[]): string {
  return routes.map(({ method, path, access }) => `${method} ${path}: ${describeAll(access)}`).join('\n')
}

export function describeAll(access: readonly RouteAccess[]): string {
  return access.length === 0 ? 'not guarded' : access.map(describeAccess).join(' and ')
}
