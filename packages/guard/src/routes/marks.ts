import type { RouteAccess } from '../access/access.ts'

/** A registered symbol, so that lists of routes know the guards of every copy of this package in a process. */
const mark = Symbol.for('@rolecall/guard access')

/**
 * Records on a middleware, or on the options of a route, what a guard requires there. Several guards of one route are all
 * recorded.
 *
 * @example
 * ```ts
 * const middleware = markAccess(() => {}, { kind: 'authenticated' })
 * markedAccess(middleware) // => [{ kind: 'authenticated' }]
 * ```
 */
export function markAccess<Target extends object>(target: Target, access: RouteAccess): Target {
  const value = [...markedAccess(target), access]
  return Object.defineProperty(target, mark, { value, configurable: true })
}

/**
 * What the guards of a middleware or a route require: each of these. Empty without a guard.
 *
 * @example
 * ```ts
 * markedAccess(() => {}) // => []
 * ```
 */
export function markedAccess(target: object): readonly RouteAccess[] {
  const access: unknown = Reflect.get(target, mark)
  return Array.isArray(access) ? access : []
}
