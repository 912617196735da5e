import { type Requirement, type RequirementLike, requirementOf } from './requirement.ts'

/**
 * Who may use a route.
 *
 * - `'public'`: everyone. The guard does not look at a token.
 * - `'optional'`: everyone. A token is verified where one is sent, and a bad one is refused.
 * - `'authenticated'`: everyone with a valid token.
 * - a requirement: everyone whose valid token satisfies it. A string is the name of a permission.
 *
 * @example
 * ```ts
 * import { type Access, anyOf } from '@rolecall/guard'
 *
 * const health: Access = 'public'
 * const messages: Access = anyOf('read:messages', 'read:everything')
 * ```
 */
export type Access = 'public' | 'optional' | 'authenticated' | RequirementLike

/** Access to a route that always has a subject. */
export type RequiredAccess = 'authenticated' | RequirementLike

/** An {@link Access} that was validated when the route was declared. */
export type RouteAccess =
  | { readonly kind: 'public' | 'optional' | 'authenticated' }
  | { readonly kind: 'required'; readonly requirement: Requirement }

/**
 * Validates the access of a route.
 *
 * @throws TypeError when it is not an {@link Access}
 *
 * @example
 * ```ts
 * parseAccess('public') // => { kind: 'public' }
 * parseAccess('read:messages').kind // => 'required'
 * ```
 */
export function parseAccess(access: Access): RouteAccess {
  if (isKind(access)) return { kind: access }
  return { kind: 'required', requirement: requirementOf(access) }
}

/**
 * Validates the access of a route whose handler is given a subject.
 *
 * @throws TypeError when it is not an {@link Access}, and for `'public'` and `'optional'`
 *
 * @example
 * ```ts
 * parseRequiredAccess('authenticated') // => { kind: 'authenticated' }
 * ```
 */
export function parseRequiredAccess(access: RequiredAccess): RouteAccess {
  const route = parseAccess(access)
  if (route.kind === 'public' || route.kind === 'optional')
    throw new TypeError(`A handler with a subject needs a token: the access cannot be '${route.kind}'`)
  return route
}

function isKind(access: unknown): access is 'public' | 'optional' | 'authenticated' {
  return access === 'public' || access === 'optional' || access === 'authenticated'
}

/**
 * The access as text, for lists of routes.
 *
 * @example
 * ```ts
 * describeAccess(parseAccess('optional')) // => 'optional'
 * describeAccess(parseAccess('read:messages')) // => 'read:messages'
 * ```
 */
export function describeAccess(access: RouteAccess): string {
  return access.kind === 'required' ? String(access.requirement) : access.kind
}
