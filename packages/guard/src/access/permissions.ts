import { allOf, anyOf, permission, type Requirement } from './requirement.ts'

/**
 * The permissions of one API, as {@link definePermissions} returns them.
 *
 * @example
 * ```ts
 * import { definePermissions, type Permissions } from '@rolecall/guard'
 *
 * const api: Permissions<'read:messages'> = definePermissions(['read:messages'])
 * api.includes('read:users') // => false
 * ```
 */
export interface Permissions<Name extends string> {
  readonly names: readonly Name[]
  /** Requires one permission. */
  permission(name: Name): Requirement
  /** Requires each of these permissions. */
  allOf(...names: readonly [Name, ...Name[]]): Requirement
  /** Requires at least one of these permissions. */
  anyOf(...names: readonly [Name, ...Name[]]): Requirement
  /** Whether a text is one of the names. Narrows the type of a text from outside. */
  includes(text: string): text is Name
}

/**
 * Declares the permissions of an API in one place. A misspelt name is then a compile error, and a TypeError in JavaScript.
 *
 * @throws TypeError when a name is given twice, or is not a scope-token (RFC 6749 §3.3)
 *
 * @example
 * ```ts
 * import { definePermissions } from '@rolecall/guard'
 *
 * const api = definePermissions(['read:messages', 'write:messages'])
 * api.permission('read:messages').names // => ['read:messages']
 * // api.permission('read:mesages') does not compile.
 * ```
 */
export function definePermissions<const Names extends readonly string[]>(
  names: Names,
): Permissions<Names[number]> {
  type Name = Names[number]
  const all: ReadonlySet<string> = new Set(names)
  if (all.size < names.length) throw new TypeError('A permission is defined twice')
  for (const name of names) permission(name)
  const assertDefined = (name: Name): Name => {
    if (!all.has(name)) throw new TypeError(`No such permission: ${name}`)
    return name
  }
  return {
    names,
    permission: (name) => permission(assertDefined(name)),
    allOf: (...required) => allOf(...required.map(assertDefined)),
    anyOf: (...required) => anyOf(...required.map(assertDefined)),
    includes: (text): text is Name => all.has(text),
  }
}
