import { combinationOf, type Requirement } from '../access/requirement.ts'
import { describeAll, type ListedRoute } from './listed-route.ts'

/**
 * The names of permissions and scopes that a route requires: one name, all of a list, or at least one of a list.
 *
 * @example
 * ```ts
 * import type { RequiredNames } from '@rolecall/guard/routes'
 *
 * const required: RequiredNames = { anyOf: ['read:messages', 'read:everything'] }
 * ```
 */
export type RequiredNames = string | { allOf: RequiredNames[] } | { anyOf: RequiredNames[] }

/**
 * A route as data, for `rolecall check`.
 *
 * @example
 * ```ts
 * import type { RouteAccessRecord } from '@rolecall/guard/routes'
 *
 * const route: RouteAccessRecord = { method: 'GET', path: '/me', access: 'authenticated' }
 * ```
 */
export interface RouteAccessRecord {
  method: string
  path: string
  /** The access as text. */
  access: string
  /** Absent where no name is required. */
  requires?: RequiredNames
}

/**
 * The routes with what they require, as data that a file can hold. `rolecall check --routes` compares it with the permissions of
 * the API. A rule of your own (`predicate`) counts as satisfied.
 *
 * @example
 * ```ts
 * import { fastifyRoutes, routeAccess } from '@rolecall/guard/routes'
 *
 * console.log(JSON.stringify(routeAccess(fastifyRoutes(app)), null, 2)) // node routes.ts > routes.json
 * ```
 */
export function routeAccess(routes: readonly ListedRoute[]): RouteAccessRecord[] {
  return routes.map(({ method, path, access }) => {
    const required = access.flatMap((one) => (one.kind === 'required' ? namesOf(one.requirement) : []))
    const [only] = required
    const requires = required.length > 1 ? { allOf: required } : only
    return { method, path, access: describeAll(access), ...(requires !== undefined && { requires }) }
  })
}

/** No entry for a requirement that names nothing. */
function namesOf(requirement: Requirement): RequiredNames[] {
  const combination = combinationOf(requirement)
  if (!combination)
    return requirement.names.length > 1 ? [{ allOf: [...requirement.names] }] : [...requirement.names]
  const parts = combination.parts.map(namesOf)
  // An alternative that names nothing can be satisfied without a permission.
  if (combination.operator === 'or' && parts.some((part) => part.length === 0)) return []
  const named = parts.flat()
  const [only] = named
  if (named.length < 2) return only === undefined ? [] : [only]
  return [combination.operator === 'and' ? { allOf: named } : { anyOf: named }]
}
