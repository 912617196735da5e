import type { PermissionKey } from '../apis/permission-refs.ts'
import { chunks } from '../store/chunks.ts'
import type { Db } from '../store/store.ts'

export async function insertRolePermissions(
  db: Db,
  roleId: string,
  permissions: readonly PermissionKey[],
): Promise<void> {
  const rows = permissions.map(({ apiId, permission }) => ({ role_id: roleId, api_id: apiId, permission }))
  for (const some of chunks(rows))
    await db
      .insertInto('role_permissions')
      .values(some)
      .onConflict((c) => c.doNothing())
      .execute()
}

export async function deleteRolePermissions(
  db: Db,
  roleId: string,
  permissions: readonly PermissionKey[],
): Promise<void> {
  for (const [apiId, keys] of Map.groupBy(permissions, (key) => key.apiId))
    for (const some of chunks(keys.map(({ permission }) => permission)))
      await db
        .deleteFrom('role_permissions')
        .where('role_id', '=', roleId)
        .where('api_id', '=', apiId)
        .where('permission', 'in', some)
        .execute()
}
