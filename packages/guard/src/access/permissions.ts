import { allOf, anyOf, permission, type Requirement } from './requirement.ts'

/** The permissions of one API, so that the compiler knows them by name. */
export interface Permissions<Name extends string> {
  readonly names: readonly Name[]
  /** One permission. */
  permission(name: Name): Requirement
  /** Each of these permissions. */
  allOf(...names: readonly [Name, ...Name[]]): Requirement
  /** At least one of these permissions. */
  anyOf(...names: readonly [Name, ...Name[]]): Requirement
  /** Whether a text is one of the names, for what arrives from outside. */
  includes(text: string): text is Name
}

/**
 * Declares an API's permissions once; a misspelt one is a compile error from then on, and a TypeError at start.
 *
 *     const api = definePermissions(['read:messages', 'write:messages'])
 *     api.permission('read:mesages') // does not compile
 */
export function definePermissions<const Names extends readonly string[]>(
  names: Names,
): Permissions<Names[number]> {
  type Name = Names[number]
  const all: ReadonlySet<string> = new Set(names)
  if (all.size < names.length) throw new TypeError('A permission is defined twice')
  for (const name of names) permission(name)
  const known = (name: Name): Name => {
    if (!all.has(name)) throw new TypeError(`No such permission: ${name}`)
    return name
  }
  return {
    names,
    permission: (name) => permission(known(name)),
    allOf: (...given) => allOf(...given.map(known)),
    anyOf: (...given) => anyOf(...given.map(known)),
    includes: (text): text is Name => all.has(text),
  }
}
