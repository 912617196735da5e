import { isDeepStrictEqual } from 'node:util'
import type { Caller } from '../http/management-app.ts'
import { requireMayActOnUsersOf } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import type { Connection } from './store.ts'

/** Throws unless the caller may change these applications. A parameter, because `applications` imports this slice. */
export type RequireMayActOnApplications = (
  db: Db,
  caller: Caller,
  clientIds: readonly string[],
) => Promise<void>

/**
 * For a change of a connection. Its options protect its accounts (password rules, brute-force protection), so the caller
 * must hold what its users hold. This excludes `display_name` and `metadata`, which no rule reads, and `disable_signup`: a
 * new account holds nothing, and cannot take the address of another.
 * @throws ApiError 403
 */
export async function requireMayChange(
  db: Db,
  caller: Caller,
  before: Connection,
  after: Connection,
): Promise<void> {
  if (!isDeepStrictEqual(guarded(before), guarded(after))) await requireMayActOnUsersOf(db, caller, before)
}

function guarded({ options, extra, migrationSecrets }: Connection) {
  const { disable_signup: _, ...rules } = options
  const { display_name: __, metadata: ___, ...others } = extra
  return { rules, others, migrationSecrets }
}
