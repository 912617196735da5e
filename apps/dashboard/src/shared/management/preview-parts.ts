import type { PlannedChange } from './removals.ts'

/** So many users in one request: their changes may name many roles each, and the size of a request is limited. */
const usersAtOnce = 100

/**
 * Splits changes for several previews whose numbers can be added. Changes of users are split, because each is about one
 * user alone. Others stay together: a user can have a permission by two roles, and lose it with both only.
 */
export function inParts(changes: readonly PlannedChange[]): PlannedChange[][] {
  const users = new Set(changes.map(({ path }) => /^\/users\/([^/]+)/.exec(path)?.[1]))
  if (changes.length <= usersAtOnce || users.has(undefined) || users.size < changes.length)
    return [[...changes]]
  const parts: PlannedChange[][] = []
  for (let at = 0; at < changes.length; at += usersAtOnce) parts.push(changes.slice(at, at + usersAtOnce))
  return parts
}
