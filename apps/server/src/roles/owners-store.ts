import { lockRows } from '../store/row-lock.ts'
import type { Db } from '../store/store.ts'
import { toBool } from '../store/values.ts'

/** Whether somebody holds the system role of owners. */
export async function hasOwner(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select('user_roles.user_id')
    .where('roles.is_system', '=', toBool(true))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The id of the owners' role, held until the transaction ends: of two that would make the first owner, one waits. */
export async function lockOwnerRole(tx: Db): Promise<string> {
  const query = tx.selectFrom('roles').select('id').where('is_system', '=', toBool(true))
  return (await lockRows(tx, query).executeTakeFirstOrThrow()).id
}

const maxOwners = 100

/** Addresses of the owners who are not blocked, for mail about the tenant. */
export async function listOwnerEmails(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('roles')
    .crossJoin('user_roles')
    .whereRef('user_roles.role_id', '=', 'roles.id')
    .crossJoin('users')
    .whereRef('users.user_id', '=', 'user_roles.user_id')
    .select('users.email')
    .distinct()
    .where('roles.is_system', '=', toBool(true))
    .where('users.blocked', '=', toBool(false))
    .orderBy('users.email')
    .limit(maxOwners)
    .execute()
  return rows.map(({ email }) => email)
}
