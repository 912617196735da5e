import type { PermissionRef } from '../apis/permission-refs.ts'
import { findApiIds, systemApiId } from '../apis/store.ts'
import { forbidden } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { Db } from '../store/store.ts'
import { effectivePermissions } from './effective-permissions.ts'
import { permissionsOfRoles } from './ownership-store.ts'

/**
 * Nobody rises by the Management API: what a caller gives to a role, a user or an application, and whom they act on,
 * must not hold a management scope that the caller does not hold.
 */

/** @throws ApiError 403 naming what the caller does not hold */
export function requireHeld(caller: Caller, scopes: readonly string[]): void {
  const missing = scopes.filter((scope) => !caller.scopes.has(scope))
  if (missing.length > 0)
    throw forbidden(
      `You cannot give, or act on who holds, management scopes that you do not hold: ${missing.join(',')}`,
      'insufficient_privilege',
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

/** For roles that are to be assigned. */
export async function requireMayAssign(db: Db, caller: Caller, roleIds: readonly string[]): Promise<void> {
  const managementApi = await systemApiId(db)
  if (managementApi !== undefined) requireHeld(caller, await permissionsOfRoles(db, roleIds, managementApi))
}

/**
 * For a user who is to be changed: a new password, address or link for somebody is a way to become them.
 */
export async function requireMayActOn(db: Db, caller: Caller, userId: string): Promise<void> {
  if (caller.userId === userId) return
  const managementApi = await systemApiId(db)
  if (managementApi !== undefined) requireHeld(caller, await effectivePermissions(db, userId, managementApi))
}
