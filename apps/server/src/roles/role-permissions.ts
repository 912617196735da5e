import { markPermissions } from '../apis/permission-marks.ts'
import {
  existingPermissions,
  type PermissionRef,
  refsOf,
  resolvePermissions,
} from '../apis/permission-refs.ts'
import { recordChange } from '../store/changes.ts'
import type { Tx } from '../store/transaction.ts'
import { editableRole } from './roles.ts'
import { deleteRolePermissions, insertRolePermissions } from './store.ts'

/**
 * Adding what the role holds already succeeds.
 * @returns the permissions that it did not hold
 * @throws ApiError 404 for an unknown role or permission, 403 for a system role; then nothing is added
 */
export async function addPermissionsToRole(
  tx: Tx,
  roleId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionRef[]> {
  await editableRole(tx.db, roleId)
  const permissions = await resolvePermissions(tx.db, refs)
  const added = await insertRolePermissions(tx.db, roleId, permissions)
  await markPermissions(tx, 'gain', permissions)
  await recordChange(tx, 'role', roleId)
  return refsOf(permissions, added)
}

/**
 * Removing what the role does not hold succeeds.
 * @returns the permissions that it held
 * @throws ApiError 404, 403 for a system role
 */
export async function removePermissionsFromRole(
  tx: Tx,
  roleId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionRef[]> {
  await editableRole(tx.db, roleId)
  const permissions = await existingPermissions(tx.db, refs)
  const removed = await deleteRolePermissions(tx.db, roleId, permissions)
  await markPermissions(tx, 'loss', permissions)
  await recordChange(tx, 'role', roleId)
  return refsOf(permissions, removed)
}
