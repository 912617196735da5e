import { lockRows } from '../store/row-lock.ts'
import type { Db } from '../store/store.ts'
import { toBool } from '../store/values.ts'

/** One at a time: two owners who each remove the other must not both succeed. */
export async function lockOwnership(tx: Db, managementApiId: string): Promise<void> {
  await lockRows(tx, tx.selectFrom('apis').select('id').where('id', '=', managementApiId)).execute()
}

/** Whether a user who is not blocked holds every permission of the API. */
export async function hasOwner(db: Db, apiId: string): Promise<boolean> {
  const held = db
    .selectFrom('role_permissions')
    .crossJoin('user_roles')
    .whereRef('user_roles.role_id', '=', 'role_permissions.role_id')
    .select(['user_roles.user_id as user_id', 'role_permissions.permission as permission'])
    .where('role_permissions.api_id', '=', apiId)
    .union(db.selectFrom('user_permissions').select(['user_id', 'permission']).where('api_id', '=', apiId))
  const all = db
    .selectFrom('permissions')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('api_id', '=', apiId)
  const owner = await db
    .selectFrom(held.as('held'))
    .crossJoin('users')
    .whereRef('users.user_id', '=', 'held.user_id')
    .select('held.user_id')
    .where('users.blocked', '=', toBool(false))
    .groupBy('held.user_id')
    .having((eb) => eb.fn.countAll(), '=', all)
    .limit(1)
    .executeTakeFirst()
  return owner !== undefined
}

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
