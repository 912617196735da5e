import { markPermissions } from '../apis/permission-marks.ts'
import {
  existingPermissions,
  type PermissionRef,
  refsOf,
  resolvePermissions,
} from '../apis/permission-refs.ts'
import { noSuchRole, noSuchUser, notSupported } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { deleteAssignedRoles, lockMember, type RoleSources, sourcesOfRoles } from './role-sources.ts'
import {
  deleteUserPermissions,
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
 * Removing a role that was not assigned succeeds. The user keeps one that a provider gives as well.
 * @returns the roles that were assigned
 * @throws ApiError 404 for an unknown role, 400 for a role that only a provider gives
 */
export async function unassignRoles(tx: Tx, userId: string, roleIds: readonly string[]): Promise<string[]> {
  await requireRoles(tx.db, roleIds)
  // A log-in may begin or stop to give a role: it waits.
  await lockMember(tx.db, userId)
  const sources = (await sourcesOfRoles(tx.db, [userId], roleIds)).get(userId)
  for (const roleId of roleIds) refuseUnlessAssigned(sources?.get(roleId), roleId)
  const { removed, kept } = await deleteAssignedRoles(tx.db, userId, roleIds)
  const ended = roleIds.filter((id) => !kept.includes(id))
  await markPermissions(tx, 'loss', await permissionKeysOfRoles(tx.db, ended), { subject: userId })
  await recordChange(tx, 'user', userId)
  return removed
}

/** @throws ApiError 400 for a role that only a provider gives */
export function refuseUnlessAssigned(sources: RoleSources | undefined, roleId: string): void {
  if (!sources || sources.direct || sources.connections.length === 0) return
  const names = sources.connections.map(({ name }) => name).join(', ')
  throw notSupported(
    `The role ${roleId} is not assigned to the user: the connection ${names} gives it at each log-in. Change the mapping of roles of the connection, or the groups of the user at the provider`,
  )
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
