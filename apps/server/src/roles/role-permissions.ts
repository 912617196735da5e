import {
  existingPermissions,
  type PermissionKey,
  type PermissionRef,
  resolvePermissions,
} from '../apis/permission-refs.ts'
import type { Context } from '../context.ts'
import { recordChange } from '../store/changes.ts'
import { deleteRolePermissions, insertRolePermissions } from './role-permissions-store.ts'
import { editableRole } from './roles.ts'

type Ground = Pick<Context, 'store' | 'clock'>

/**
 * Adding what the role holds already succeeds.
 * @throws ApiError 404 for an unknown role or permission, 403 for a system role; then nothing is added
 */
export async function addPermissionsToRole(
  ctx: Ground,
  roleId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionKey[]> {
  return ctx.store.transaction(async (tx) => {
    await editableRole(tx, roleId)
    const permissions = await resolvePermissions(tx, refs)
    await insertRolePermissions(tx, roleId, permissions)
    await recordChange(tx, 'role', roleId, ctx.clock())
    return permissions
  })
}

/** Removing what the role does not hold succeeds. @throws ApiError 404, 403 for a system role */
export async function removePermissionsFromRole(
  ctx: Ground,
  roleId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionKey[]> {
  return ctx.store.transaction(async (tx) => {
    await editableRole(tx, roleId)
    const permissions = await existingPermissions(tx, refs)
    await deleteRolePermissions(tx, roleId, permissions)
    await recordChange(tx, 'role', roleId, ctx.clock())
    return permissions
  })
}
