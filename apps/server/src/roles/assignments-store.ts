import type { PermissionKey } from '../apis/permission-refs.ts'
import { chunks } from '../store/chunks.ts'
import type { Db } from '../store/store.ts'

export async function existingRoleIds(db: Db, roleIds: readonly string[]): Promise<Set<string>> {
  const existing = new Set<string>()
  for (const some of chunks(roleIds)) {
    const rows = await db.selectFrom('roles').select('id').where('id', 'in', some).execute()
    for (const row of rows) existing.add(row.id)
  }
  return existing
}

export async function insertUserRoles(
  db: Db,
  links: readonly { userId: string; roleId: string }[],
  at: number,
): Promise<void> {
  const rows = links.map(({ userId, roleId }) => ({ user_id: userId, role_id: roleId, assigned_at: at }))
  for (const some of chunks(rows))
    await db
      .insertInto('user_roles')
      .values(some)
      .onConflict((c) => c.doNothing())
      .execute()
}

export async function deleteUserRoles(db: Db, userId: string, roleIds: readonly string[]): Promise<void> {
  for (const some of chunks(roleIds))
    await db.deleteFrom('user_roles').where('user_id', '=', userId).where('role_id', 'in', some).execute()
}

export async function insertUserPermissions(
  db: Db,
  userId: string,
  permissions: readonly PermissionKey[],
  at: number,
): Promise<void> {
  const rows = permissions.map(({ apiId, permission }) => ({
    user_id: userId,
    api_id: apiId,
    permission,
    assigned_at: at,
  }))
  for (const some of chunks(rows))
    await db
      .insertInto('user_permissions')
      .values(some)
      .onConflict((c) => c.doNothing())
      .execute()
}

export async function deleteUserPermissions(
  db: Db,
  userId: string,
  permissions: readonly PermissionKey[],
): Promise<void> {
  for (const [apiId, keys] of Map.groupBy(permissions, (key) => key.apiId))
    for (const some of chunks(keys.map(({ permission }) => permission)))
      await db
        .deleteFrom('user_permissions')
        .where('user_id', '=', userId)
        .where('api_id', '=', apiId)
        .where('permission', 'in', some)
        .execute()
}
