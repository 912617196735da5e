import { type Requirement, type RequirementLike, requirementOf } from './requirement.ts'

/**
 * Who may use a route: `'public'` (no token is looked at), `'optional'` (a token is checked where one is sent),
 * `'authenticated'` (any good token), or a requirement, where a string is a permission.
 */
export type Access = 'public' | 'optional' | 'authenticated' | RequirementLike

/** Access of a route where there is always a subject. */
export type RequiredAccess = 'authenticated' | RequirementLike

/** An {@link Access}, checked once when the route is declared. */
export type RouteAccess =
  | { readonly kind: 'public' | 'optional' | 'authenticated' }
  | { readonly kind: 'required'; readonly requirement: Requirement }

/** @throws TypeError for what is no access */
export function parseAccess(access: Access): RouteAccess {
  if (isKind(access)) return { kind: access }
  return { kind: 'required', requirement: requirementOf(access) }
}

/** @throws TypeError for access without a subject too: such a route has another wrapper, or needs none */
export function parseRequiredAccess(access: RequiredAccess): RouteAccess {
  const route = parseAccess(access)
  if (route.kind === 'public' || route.kind === 'optional')
    throw new TypeError(`This route would not always have a subject: ${route.kind}`)
  return route
}

function isKind(access: unknown): access is 'public' | 'optional' | 'authenticated' {
  return access === 'public' || access === 'optional' || access === 'authenticated'
}

/** For lists of routes. */
export function describeAccess(access: RouteAccess): string {
  return access.kind === 'required' ? String(access.requirement) : access.kind
}
