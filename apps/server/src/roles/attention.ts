import { sql } from 'kysely'
import type { Db } from '../store/store.ts'
import { toBool } from '../store/values.ts'

/** A role, or a permission with the id of its API, that needs an administrator's attention. */
interface Named {
  id: string
  name: string
}

/** Where a permission is held. A grant of all scopes has none in its table. */
const holders = ['role_permissions', 'user_permissions', 'client_grant_permissions']

/** Permissions that no role, user or application holds, by API and in the order of declaration. */
export async function listUnusedPermissions(db: Db, limit: number): Promise<Named[]> {
  let unused = db
    .selectFrom('permissions')
    .innerJoin('apis', 'apis.id', 'permissions.api_id')
    .select(['apis.id', 'permissions.value as name'])
    .where('apis.is_system', '=', toBool(false))
    .where(
      sql<boolean>`not exists (select 1 from client_grants where api_id = apis.id and allow_all_scopes = ${toBool(true)})`,
    )
  for (const table of holders)
    unused = unused.where(
      sql<boolean>`not exists (select 1 from ${sql.table(table)} held where held.api_id = apis.id and held.permission = permissions.value)`,
    )
  return unused.orderBy('apis.id').orderBy('permissions.position').limit(limit).execute()
}

const hasMembers = sql<boolean>`exists (select 1 from user_roles where user_roles.role_id = roles.id)`

export function listRolesWithoutMembers(db: Db, limit: number): Promise<Named[]> {
  return db
    .selectFrom('roles')
    .select(['roles.id', 'roles.name'])
    .where('is_system', '=', toBool(false))
    .where((eb) => eb.not(hasMembers))
    .orderBy('name_key')
    .limit(limit)
    .execute()
}

/**
 * What the permissions of a token may take of 8,192 bytes, the usual limit of a request's headers (nginx, Apache): the
 * rest of a token has about 1,200 bytes, and base64url makes four bytes of three.
 */
const maxPermissionBytes = ((8_192 - 1_200) * 3) / 4

/** Roles whose permissions on one API alone make an access token larger than most servers accept in a header. */
export function listRolesWithLargeTokens(db: Db, limit: number): Promise<Named[]> {
  // Each permission has two quotation marks and a comma.
  const bytes = sql<number>`sum(length(${sql.ref('role_permissions.permission')}) + 3)`
  return db
    .selectFrom('role_permissions')
    .innerJoin('apis', 'apis.id', 'role_permissions.api_id')
    .innerJoin('roles', 'roles.id', 'role_permissions.role_id')
    .select(['roles.id', 'roles.name'])
    .where('apis.enforce_policies', '=', toBool(true))
    .where('apis.token_dialect', 'in', ['access_token_authz', 'rfc9068_profile_authz'])
    .groupBy(['roles.id', 'roles.name', 'role_permissions.api_id'])
    .having(bytes, '>', maxPermissionBytes)
    .orderBy('roles.name')
    .limit(limit)
    .execute()
}

/** Whether a user holds a role that the tenant made. */
export async function isAnyRoleAssigned(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('roles')
    .select('roles.id')
    .where('is_system', '=', toBool(false))
    .where(hasMembers)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
