import { isDeepStrictEqual } from 'node:util'

/** How the members of a kind of object are compared and sent. */
export interface MemberRules {
  /** Members that the server decides, that are the object's name, or that are compared apart. */
  ignored: ReadonlySet<string>
  /** Lists whose order does not matter. */
  unordered?: ReadonlySet<string>
  /** Objects of which a PATCH changes the given members alone. */
  merged?: ReadonlySet<string>
  /** As `merged`; members that a file does not have are removed with null. */
  replaced?: ReadonlySet<string>
}

export interface MemberChange {
  member: string
  before: unknown
  after: unknown
}

/**
 * Compares the members that a file has with those of the tenant. What the file does not name stays as it is.
 * @returns the body of the PATCH, and what to show
 */
export function compareMembers(
  current: object,
  wanted: object,
  rules: MemberRules,
): { body: Record<string, unknown>; members: MemberChange[] } {
  const body: Record<string, unknown> = {}
  const members: MemberChange[] = []
  for (const [member, after] of Object.entries(wanted)) {
    if (rules.ignored.has(member) || after === undefined) continue
    const before: unknown = Reflect.get(current, member)
    const value = patchOf(member, before, after, rules)
    if (value === undefined) continue
    body[member] = value
    members.push({ member, before, after })
  }
  return { body, members }
}

/** The value that a PATCH sends for a member; undefined when nothing changes. */
function patchOf(member: string, before: unknown, after: unknown, rules: MemberRules): unknown {
  if (isObject(after) && rules.replaced?.has(member)) {
    const removed = isObject(before) ? Object.keys(before).filter((name) => !(name in after)) : []
    const nulls = Object.fromEntries(removed.map((name) => [name, null]))
    return isSame(before, after) ? undefined : { ...after, ...nulls }
  }
  if (isObject(after) && rules.merged?.has(member)) {
    const entries = Object.entries(after).filter(
      ([name, value]) => !isSame(isObject(before) ? before[name] : undefined, value),
    )
    return entries.length > 0 ? Object.fromEntries(entries) : undefined
  }
  const isUnordered = rules.unordered?.has(member) === true
  return isSame(isUnordered ? sorted(before) : before, isUnordered ? sorted(after) : after)
    ? undefined
    : after
}

/** An empty list, null and an absent member mean the same. */
export function isSame(one: unknown, other: unknown): boolean {
  return (isEmpty(one) && isEmpty(other)) || isDeepStrictEqual(one, other)
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)

const sorted = (value: unknown) => (Array.isArray(value) ? value.map(String).toSorted() : value)

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The body of a POST: what the file has, without what is ignored. */
export function bodyOf(wanted: object, ignored: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => !ignored.has(name) && value !== undefined && value !== null,
    ),
  )
}
