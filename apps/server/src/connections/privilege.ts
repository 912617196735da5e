import { isDeepStrictEqual } from 'node:util'
import type { Caller } from '../http/management-app.ts'
import { requireMayActOnUsersOf } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import type { Connection } from './connections.ts'

/** Decides whether the caller may change these applications; throws when not. Injected: `applications` builds on this slice. */
export type RequireMayActOnApplications = (
  db: Db,
  caller: Caller,
  clientIds: readonly string[],
) => Promise<void>

/**
 * For a change of a connection: its options protect the accounts in it (password rules, brute-force protection), so who
 * changes them must hold what its users hold. Free are what people read (`display_name`, `metadata`) and
 * `disable_signup`: a new account holds nothing, and cannot take the address of another.
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

function guarded({ options, extra }: Connection) {
  const { disable_signup: _, ...rules } = options
  const { display_name: __, metadata: ___, ...others } = extra
  return { rules, others }
}
