import type { Db } from '../store/store.ts'

/**
 * The permissions of a user on an API: those of their roles and those assigned directly, each once, in byte order. OAuth
 * asks for permissions here only, whenever it issues a token: a change takes effect with the next token.
 * The cross join makes SQLite begin with the user's few roles instead of all permissions of the API.
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
