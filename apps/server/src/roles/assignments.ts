import {
  existingPermissions,
  type PermissionKey,
  type PermissionRef,
  resolvePermissions,
} from '../apis/permission-refs.ts'
import type { Context } from '../context.ts'
import { noSuchRole, noSuchUser } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import type { Db } from '../store/store.ts'
import { isForeignKeyViolation } from '../store/values.ts'
import {
  deleteUserPermissions,
  deleteUserRoles,
  existingRoleIds,
  insertUserPermissions,
  insertUserRoles,
} from './assignments-store.ts'

type Ground = Pick<Context, 'store' | 'clock'>

/** Assigning twice succeeds. @throws ApiError 404 for an unknown user or role; then nothing is assigned */
export function assignRoles(ctx: Ground, userId: string, roleIds: readonly string[]): Promise<void> {
  return assign(ctx, [userId], roleIds)
}

/** The same from the role's side. */
export function assignUsers(ctx: Ground, roleId: string, userIds: readonly string[]): Promise<void> {
  return assign(ctx, userIds, [roleId])
}

async function assign(ctx: Ground, userIds: readonly string[], roleIds: readonly string[]): Promise<void> {
  const at = ctx.clock()
  await ofExistingUsers(() =>
    ctx.store.transaction(async (tx) => {
      await requireRoles(tx, roleIds)
      const rows = userIds.flatMap((userId) => roleIds.map((roleId) => ({ userId, roleId })))
      await insertUserRoles(tx, rows, at)
      for (const userId of userIds) await recordChange(tx, 'user', userId, at)
    }),
  )
}

/** Taking away what was not assigned succeeds, as long as user and role exist. */
export async function unassignRoles(ctx: Ground, userId: string, roleIds: readonly string[]): Promise<void> {
  await ctx.store.transaction(async (tx) => {
    await requireRoles(tx, roleIds)
    await deleteUserRoles(tx, userId, roleIds)
    await recordChange(tx, 'user', userId, ctx.clock())
  })
}

/** Gives permissions to one user without a role. @throws ApiError 404 for an unknown user, API or permission */
export async function assignPermissions(
  ctx: Ground,
  userId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionKey[]> {
  const at = ctx.clock()
  return ofExistingUsers(() =>
    ctx.store.transaction(async (tx) => {
      const permissions = await resolvePermissions(tx, refs)
      await insertUserPermissions(tx, userId, permissions, at)
      await recordChange(tx, 'user', userId, at)
      return permissions
    }),
  )
}

export async function unassignPermissions(
  ctx: Ground,
  userId: string,
  refs: readonly PermissionRef[],
): Promise<PermissionKey[]> {
  return ctx.store.transaction(async (tx) => {
    const permissions = await existingPermissions(tx, refs)
    await deleteUserPermissions(tx, userId, permissions)
    await recordChange(tx, 'user', userId, ctx.clock())
    return permissions
  })
}

async function requireRoles(db: Db, roleIds: readonly string[]): Promise<void> {
  const existing = await existingRoleIds(db, roleIds)
  if (roleIds.some((id) => !existing.has(id))) throw noSuchRole()
}

/** Roles and permissions were looked up, so the one reference that can still dangle is the user. */
async function ofExistingUsers<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw isForeignKeyViolation(cause) ? noSuchUser() : cause
  }
}
