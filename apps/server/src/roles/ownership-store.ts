import type { Db } from '../store/store.ts'

/** The permissions of an API that these roles hold, by role; a role without any is left out. */
export async function permissionsOfRoles(
  db: Db,
  roleIds: readonly string[],
  apiId: string,
): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('role_permissions')
    .select(['role_id', 'permission'])
    .where('role_id', 'in', roleIds)
    .where('api_id', '=', apiId)
    .orderBy('role_id')
    .orderBy('permission')
    .execute()
  const byRole = Map.groupBy(rows, ({ role_id }) => role_id)
  return new Map([...byRole].map(([id, some]) => [id, some.map(({ permission }) => permission)]))
}

/** The permissions of an API that some user of this connection holds, blocked ones included. */
export async function permissionsOfConnection(db: Db, connection: string, apiId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('role_permissions')
    .innerJoin('user_roles', 'user_roles.role_id', 'role_permissions.role_id')
    .innerJoin('users', 'users.user_id', 'user_roles.user_id')
    .select('role_permissions.permission as permission')
    .where('role_permissions.api_id', '=', apiId)
    .where('users.connection', '=', connection)
    .union(
      db
        .selectFrom('user_permissions')
        .innerJoin('users', 'users.user_id', 'user_permissions.user_id')
        .select('user_permissions.permission as permission')
        .where('user_permissions.api_id', '=', apiId)
        .where('users.connection', '=', connection),
    )
    .orderBy('permission')
    .execute()
  return rows.map(({ permission }) => permission)
}
