import { markPermissions } from '../apis/permission-marks.ts'
import {
  existingPermissions,
  type PermissionRef,
  refsOf,
  resolvePermissions,
} from '../apis/permission-refs.ts'
import { noSuchRole, noSuchUser } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import {
  deleteUserPermissions,
  deleteUserRoles,
  existingRoleIds,
  insertUserPermissions,
  insertUserRoles,
  permissionKeysOfRoles,
} from './store.ts'

/** Each of these management scopes lets a caller assign roles. The privilege rule limits which ones (`privilege.ts`). */
export const assigningScopes = ['update:roles', 'update:users', 'create:role_members'] as const

/**
 * Assigning twice succeeds.
 * @returns the roles that were not assigned
 * @throws ApiError 404 for an unknown user or role; then nothing is assigned
 */
export async function assignRoles(tx: Tx, userId: string, roleIds: readonly string[]): Promise<string[]> {
  return (await assign(tx, [userId], roleIds)).map(({ roleId }) => roleId)
}

/** As `assignRoles`, for one role and several users. */
export async function assignUsers(tx: Tx, roleId: string, userIds: readonly string[]): Promise<void> {
  await assign(tx, userIds, [roleId])
}

async function assign(tx: Tx, userIds: readonly string[], roleIds: readonly string[]) {
  await requireRoles(tx.db, roleIds)
  const rows = userIds.flatMap((userId) => roleIds.map((roleId) => ({ userId, roleId })))
  const added = await mapConstraintError(insertUserRoles(tx.db, rows, tx.now), { foreignKey: noSuchUser })
  const permissions = await permissionKeysOfRoles(tx.db, roleIds)
  for (const userId of userIds) {
    await markPermissions(tx, 'gain', permissions, { subject: userId })
    await recordChange(tx, 'user', userId)
  }
  return added
}

/**
 * Removing a role that was not assigned succeeds.
 * @returns the roles that were assigned
 * @throws ApiError 404 for an unknown role
 */
export async function unassignRoles(tx: Tx, userId: string, roleIds: readonly string[]): Promise<string[]> {
  await requireRoles(tx.db, roleIds)
  const removed = await deleteUserRoles(tx.db, userId, roleIds)
  await markPermissions(tx, 'loss', await permissionKeysOfRoles(tx.db, roleIds), { subject: userId })
  await recordChange(tx, 'user', userId)
  return removed
}

/**
 * Assigns permissions to a user directly, without a role.
 * @returns the permissions that the user did not have directly
 * @throws ApiError 404 for an unknown user, API or permission
 */
export async function assignPermissions(
  tx: Tx,
  userId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionRef[]> {
  const permissions = await resolvePermissions(tx.db, refs)
  const rows = insertUserPermissions(tx.db, userId, permissions, tx.now)
  const added = await mapConstraintError(rows, { foreignKey: noSuchUser })
  await markPermissions(tx, 'gain', permissions, { subject: userId })
  await recordChange(tx, 'user', userId)
  return refsOf(permissions, added)
}

/** @returns the permissions that the user had directly */
export async function unassignPermissions(
  tx: Tx,
  userId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionRef[]> {
  const permissions = await existingPermissions(tx.db, refs)
  const removed = await deleteUserPermissions(tx.db, userId, permissions)
  await markPermissions(tx, 'loss', permissions, { subject: userId })
  await recordChange(tx, 'user', userId)
  return refsOf(permissions, removed)
}

async function requireRoles(db: Db, roleIds: readonly string[]): Promise<void> {
  const existing = await existingRoleIds(db, roleIds)
  if (roleIds.some((id) => !existing.has(id))) throw noSuchRole()
}
