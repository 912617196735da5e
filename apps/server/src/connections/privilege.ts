import { isDeepStrictEqual } from 'node:util'
import { insufficientScope } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import { assigningScopes } from '../roles/assignments.ts'
import { requireMayActOnUsersOf, requireMayAssign } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { isProvider } from './provider.ts'
import { mappedRoleIds } from './role-mapping.ts'
import type { Connection } from './store.ts'

/** Throws unless the caller may change these applications. A parameter, because `applications` imports this slice. */
export type RequireMayActOnApplications = (
  db: Db,
  caller: Caller,
  clientIds: readonly string[],
) => Promise<void>

/**
 * For a change of a connection. Its options protect its accounts (password rules, brute-force protection), or name the
 * provider that logs its users in, so the caller must hold what its users hold. The operator of the provider chooses
 * the roles that a mapping gives, so the caller must be allowed to assign those of before and those of after. This
 * excludes `display_name` and `metadata`, which no rule reads, how a button looks, and `disable_signup`: a new account
 * cannot take the address of another, and holds nothing but what a mapping gives it.
 * @throws ApiError 403
 */
export async function requireMayChange(
  db: Db,
  caller: Caller,
  before: Connection,
  after: Connection,
): Promise<void> {
  if (before.options.disable_signup && !after.options.disable_signup) await requireMayMap(db, caller, after)
  if (isDeepStrictEqual(guarded(before), guarded(after))) return
  await requireMayActOnUsersOf(db, caller, before)
  if (!isProvider(before)) return
  await requireMayMap(db, caller, before, after)
  // A provider decides who logs in as which user, as does who sets passwords.
  if (!caller.scopes.has('update:users')) throw insufficientScope(['update:users'])
}

/**
 * For a change that puts the role mappings of connections into effect, or out of it. A mapping assigns its roles at each
 * log-in, so it requires what an assignment does.
 * @throws ApiError 403
 */
export async function requireMayMap(db: Db, caller: Caller, ...connections: Connection[]): Promise<void> {
  const roleIds = connections.flatMap(({ roleMapping }) => mappedRoleIds(roleMapping))
  if (roleIds.length === 0) return
  await requireMayAssign(db, caller, [...new Set(roleIds)])
  if (!assigningScopes.some((scope) => caller.scopes.has(scope))) throw insufficientScope(assigningScopes)
}

function guarded({ options, roleMapping, extra, migrationSecrets }: Connection) {
  const { disable_signup: _, icon_url: __, ...rules } = options
  const { display_name: ___, metadata: ____, show_as_button: _____, ...others } = extra
  return { rules, roleMapping, others, migrationSecrets }
}
