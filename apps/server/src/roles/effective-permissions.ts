import type { Db } from '../store/store.ts'

/**
 * What a user may do on an API: the permissions of their roles and those given to them directly, each once, in byte
 * order. The one seam between RBAC and OAuth; read whenever a token is issued, so a change counts from the next token on.
 * The join is a cross join because SQLite then begins with the user's few roles, and not with all that the API permits.
 */
export async function effectivePermissions(db: Db, userId: string, apiId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('user_roles')
    .crossJoin('role_permissions')
    .select('role_permissions.permission as permission')
    .whereRef('role_permissions.role_id', '=', 'user_roles.role_id')
    .where('user_roles.user_id', '=', userId)
    .where('role_permissions.api_id', '=', apiId)
    .union(
      db
        .selectFrom('user_permissions')
        .select('permission')
        .where('user_id', '=', userId)
        .where('api_id', '=', apiId),
    )
    .orderBy('permission')
    .execute()
  return rows.map(({ permission }) => permission)
}
