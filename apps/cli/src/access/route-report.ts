import { z } from 'zod'

/** What a route requires: a permission, all of a list, or any of a list. */
export type Required = string | { allOf: Required[] } | { anyOf: Required[] }

const required: z.ZodType<Required> = z.lazy(() =>
  z.union([
    z.string(),
    z.strictObject({ allOf: z.array(required) }),
    z.strictObject({ anyOf: z.array(required) }),
  ]),
)

/** As `routeAccess` of the guard writes it. A route without `requires` needs no permission. */
export const routeList = z.array(
  z.looseObject({ method: z.string(), path: z.string(), requires: required.optional() }),
)

export interface RouteReport {
  /** How many routes were compared. */
  routes: number
  /** Routes that no token can satisfy, with the permissions that are missing. */
  unusable: { method: string; path: string; unknown: string[]; unheld: string[] }[]
  /** Permissions of the API that no route requires. */
  unrequired: string[]
}

/** Compares routes with the permissions that the API has, and with those that somebody can hold. */
export function compareRoutes(
  routes: z.output<typeof routeList>,
  declared: ReadonlySet<string>,
  holdable: ReadonlySet<string>,
): RouteReport {
  const unusable: RouteReport['unusable'] = []
  const named = new Set<string>()
  for (const { method, path, requires } of routes) {
    if (requires === undefined) continue
    const names = namesIn(requires)
    for (const name of names) named.add(name)
    if (isSatisfiable(requires, holdable)) continue
    const missing = [...new Set(names)].filter((name) => !holdable.has(name))
    unusable.push({
      method,
      path,
      unknown: missing.filter((name) => !declared.has(name)),
      unheld: missing.filter((name) => declared.has(name)),
    })
  }
  return { routes: routes.length, unusable, unrequired: [...declared].filter((name) => !named.has(name)) }
}

function isSatisfiable(one: Required, holdable: ReadonlySet<string>): boolean {
  if (typeof one === 'string') return holdable.has(one)
  return 'allOf' in one
    ? one.allOf.every((part) => isSatisfiable(part, holdable))
    : one.anyOf.some((part) => isSatisfiable(part, holdable))
}

function namesIn(one: Required): string[] {
  if (typeof one === 'string') return [one]
  return ('allOf' in one ? one.allOf : one.anyOf).flatMap(namesIn)
}
