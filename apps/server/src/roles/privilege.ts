import type { PermissionRef } from '../apis/permission-refs.ts'
import { findApiIds, systemApiId } from '../apis/store.ts'
import { forbidden, type RefusedTarget } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { Db } from '../store/store.ts'
import { effectivePermissions } from './effective-permissions.ts'
import { permissionsOfConnection, permissionsOfRoles } from './store.ts'

/**
 * The privilege rule of the Management API. A caller gives away only management scopes that the caller holds, and does
 * not change or remove an object that holds others. What an object holds:
 * - a user: the permissions on the Management API that come of their roles and of their own;
 * - a role: its permissions on the Management API;
 * - a client grant on the Management API: its scopes;
 * - an application: the scopes of its client grants on the Management API, of either subject type
 *   (`applications/privilege.ts`);
 * - a connection: what the users in it hold (`connections/privilege.ts`).
 * What a caller holds are the scopes of the token. There is no exception for oneself: a token with few of its holder's
 * scopes could otherwise set a password or a secret, and with that get all of them.
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

/** For permissions that are to be given, to a role or a user. */
export async function requireMayGrant(db: Db, caller: Caller, refs: readonly PermissionRef[]): Promise<void> {
  const managementApi = await systemApiId(db)
  const ids = await findApiIds(db, [...new Set(refs.map(({ api }) => api))])
  requireHeld(
    caller,
    refs.filter(({ api }) => ids.get(api) === managementApi).map(({ permission }) => permission),
  )
}

/** For roles that are to be given, taken, changed or deleted. */
export async function requireMayAssign(db: Db, caller: Caller, roleIds: readonly string[]): Promise<void> {
  const managementApi = await systemApiId(db)
  if (managementApi === undefined) return
  for (const [id, held] of await permissionsOfRoles(db, roleIds, managementApi))
    requireHeld(caller, held, { type: 'role', id })
}

/** For a user who is to be changed: a new password, address or link is a way to become that user. */
export async function requireMayActOn(db: Db, caller: Caller, userId: string): Promise<void> {
  const managementApi = await systemApiId(db)
  if (managementApi === undefined) return
  const held = await effectivePermissions(db, userId, managementApi)
  requireHeld(caller, held, { type: 'user', id: userId })
}

/** For a connection whose rules are to be changed: they protect the accounts of all users in it. */
export async function requireMayActOnUsersOf(
  db: Db,
  caller: Caller,
  connection: { id: string; name: string },
): Promise<void> {
  const managementApi = await systemApiId(db)
  if (managementApi === undefined) return
  const held = await permissionsOfConnection(db, connection.name, managementApi)
  requireHeld(caller, held, { type: 'connection', id: connection.id })
}
