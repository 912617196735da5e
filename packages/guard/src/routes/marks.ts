import type { RouteAccess } from '../access/access.ts'

/** Shared by every copy of this package in a process, so that lists of routes know all of its middleware. */
const mark = Symbol.for('@rolecall/guard access')

/** Notes on a middleware what it requires, for lists of routes. */
export function markAccess<Middleware extends object>(
  middleware: Middleware,
  access: RouteAccess,
): Middleware {
  return Object.defineProperty(middleware, mark, { value: access })
}

export function markedAccess(middleware: object): RouteAccess | undefined {
  const access: unknown = Reflect.get(middleware, mark)
  return isRouteAccess(access) ? access : undefined
}

function isRouteAccess(value: unknown): value is RouteAccess {
  return typeof value === 'object' && value !== null && 'kind' in value
}
