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
  const known: ReadonlySet<string> = new Set(names)
  if (known.size < names.length) throw new TypeError('A permission is defined twice')
  for (const name of names) permission(name)
  const checked = <Given extends readonly Name[]>(given: Given): Given => {
    const stranger = given.find((name) => !known.has(name))
    if (stranger !== undefined) throw new TypeError(`No such permission: ${stranger}`)
    return given
  }
  return {
    names,
    permission: (name) => permission(checked([name])[0] as Name),
    allOf: (...given) => allOf(...checked(given)),
    anyOf: (...given) => anyOf(...checked(given)),
    includes: (text): text is Name => known.has(text),
  }
}
