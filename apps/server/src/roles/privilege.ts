import type { PermissionRef } from '../apis/permission-refs.ts'
import { findApiIds, systemApiId } from '../apis/store.ts'
import { forbidden, type RefusedTarget } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { Db } from '../store/store.ts'
import { effectivePermissions } from './effective-permissions.ts'
import { permissionsOfConnection, permissionsOfRoles } from './store.ts'

/**
 * The privilege rule of the Management API. A caller can grant only management scopes that the caller holds, and cannot
 * change or remove an object that holds others. An object holds:
 * - a user: the permissions on the Management API, through roles and direct;
 * - a role: its permissions on the Management API;
 * - a client grant on the Management API: its scopes;
 * - an application: the scopes of its client grants on the Management API, of either subject type
 *   (`applications/privilege.ts`);
 * - a connection: what its users hold (`connections/privilege.ts`).
 * A caller holds the scopes of the token. The rule also covers the caller's own account: a token with few scopes could
 * otherwise set the account's password and log in with all of them.
 */

/** @throws ApiError 403 naming what the caller does not hold */
export function requireHeld(caller: Caller, scopes: readonly string[], target?: RefusedTarget): void {
  const missing = scopes.filter((scope) => !caller.scopes.has(scope))
  if (missing.length > 0)
    throw forbidden(
      `You cannot give, or act on who holds, management scopes that you do not hold: ${missing.join(',')}`,
      'insufficient_privilege',
      target,
    )
}

/** For permissions that are added to a role or a user. */
export async function requireMayGrant(db: Db, caller: Caller, refs: readonly PermissionRef[]): Promise<void> {
  const managementApi = await systemApiId(db)
  const ids = await findApiIds(db, [...new Set(refs.map(({ api }) => api))])
  requireHeld(
    caller,
    refs.filter(({ api }) => ids.get(api) === managementApi).map(({ permission }) => permission),
  )
}

/** For roles that are assigned, unassigned, changed or deleted. */
export async function requireMayAssign(db: Db, caller: Caller, roleIds: readonly string[]): Promise<void> {
  const managementApi = await systemApiId(db)
  if (managementApi === undefined) return
  for (const [id, held] of await permissionsOfRoles(db, roleIds, managementApi))
    requireHeld(caller, held, { type: 'role', id })
}

/** For a user who is changed: a new password, address or link lets the caller log in as that user. */
export async function requireMayActOn(db: Db, caller: Caller, userId: string): Promise<void> {
  const managementApi = await systemApiId(db)
  if (managementApi === undefined) return
  const held = await effectivePermissions(db, userId, managementApi)
  requireHeld(caller, held, { type: 'user', id: userId })
}

/** For a connection whose options are changed: they protect the accounts of all its users. */
export async function requireMayActOnUsersOf(
  db: Db,
  caller: Caller,
  connection: { id: string; name: string },
): Promise<void> {
  const managementApi = await systemApiId(db)
  if (managementApi === undefined) return
  const held = await permissionsOfConnection(db, connection, managementApi)
  requireHeld(caller, held, { type: 'connection', id: connection.id })
}
