import type { ExpressionBuilder, Selectable } from 'kysely'
import type { PermissionKey } from '../apis/permission-refs.ts'
import { nameKey } from '../store/canonical.ts'
import type { Database, RolesTable } from '../store/schema.ts'
import { searchText } from '../store/search-text.ts'
import { chunks, lockRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool, toBool } from '../store/values.ts'

export interface Role {
  id: string
  name: string
  description: string
  /** Created by the server. It cannot be renamed, changed or deleted. */
  isSystem: boolean
}

export async function findRole(db: Db, id: string): Promise<Role | undefined> {
  const row = await db.selectFrom('roles').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** Locks the row of a role until the transaction ends. */
export async function lockRole(tx: Db, id: string): Promise<void> {
  await lockRows(tx, tx.selectFrom('roles').select('id').where('id', '=', id)).execute()
}

/** The role that has this name, in any spelling. */
export async function findRoleByName(db: Db, name: string): Promise<Role | undefined> {
  const row = await db
    .selectFrom('roles')
    .selectAll()
    .where('name_key', '=', nameKey(name))
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The system role of this name; undefined when a role of the tenant has the name. */
export async function findSystemRole(db: Db, name: string): Promise<Role | undefined> {
  const role = await findRoleByName(db, name)
  return role?.isSystem ? role : undefined
}

export async function insertRole(db: Db, role: Role, at: number): Promise<void> {
  await db
    .insertInto('roles')
    .values({ id: role.id, ...toRow(role), created_at: at, updated_at: at })
    .execute()
}

/** Writes the key of the name only when the name changes: a role whose name clashes keeps its own key. */
export async function updateRoleRow(db: Db, before: Role, after: Role, at: number): Promise<void> {
  const { name_key, ...columns } = toRow(after)
  const isRenamed = name_key !== nameKey(before.name)
  await db
    .updateTable('roles')
    .set({ ...columns, ...(isRenamed && { name_key, name_clash: null }), updated_at: at })
    .where('id', '=', after.id)
    .execute()
  if (isRenamed) await releaseName(db, before.name)
}

export async function deleteRoleRow(db: Db, role: Role): Promise<void> {
  await db.deleteFrom('roles').where('id', '=', role.id).execute()
  await releaseName(db, role.name)
}

/** Roles whose name is another spelling of an older role's name. Only earlier versions could write them. */
export async function listRoleClashes(db: Db, limit: number): Promise<{ role: Role; holder: Role }[]> {
  const rows = await db
    .selectFrom('roles')
    .selectAll()
    .where('name_clash', 'is not', null)
    .orderBy('name_key')
    .limit(limit)
    .execute()
  const keys = rows.flatMap(({ name_clash }) => name_clash ?? [])
  if (keys.length === 0) return []
  const holders = await db.selectFrom('roles').selectAll().where('name_key', 'in', keys).execute()
  return rows.flatMap((row) => {
    const holder = holders.find(({ name_key }) => name_key === row.name_clash)
    return holder ? { role: fromRow(row), holder: fromRow(holder) } : []
  })
}

/** Gives the key of a name that is free now to the oldest role that clashed with it. */
async function releaseName(db: Db, name: string): Promise<void> {
  const key = nameKey(name)
  const oldest = db
    .selectFrom('roles')
    .select('id')
    .where('name_clash', '=', key)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
  const holder = db.selectFrom('roles as holder').select('holder.id').where('holder.name_key', '=', key)
  await db
    .updateTable('roles')
    .set({ name_key: key, name_clash: null })
    .where('id', '=', oldest)
    .where((eb) => eb.not(eb.exists(holder)))
    .execute()
}

const toRow = (role: Role) => ({
  name: role.name,
  name_key: nameKey(role.name),
  description: role.description,
  is_system: toBool(role.isSystem),
  search_text: searchText(role.name, role.id),
})

export function fromRow(row: Selectable<RolesTable>): Role {
  return { id: row.id, name: row.name, description: row.description, isSystem: fromBool(row.is_system) }
}

/** The names of all roles, by id. */
export async function namesOfRoles(db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('roles').select(['id', 'name']).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

export async function existingRoleIds(db: Db, roleIds: readonly string[]): Promise<Set<string>> {
  const existing = new Set<string>()
  for (const some of chunks(roleIds)) {
    const rows = await db.selectFrom('roles').select('id').where('id', 'in', some).execute()
    for (const row of rows) existing.add(row.id)
  }
  return existing
}

/** Which of these roles the user has. */
export async function heldRoleIds(db: Db, userId: string, roleIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('user_roles')
    .select('role_id')
    .where('user_id', '=', userId)
    .where('role_id', 'in', roleIds)
    .execute()
  return rows.map(({ role_id }) => role_id)
}

/**
 * Assigns roles to users. A role that a provider gives becomes an assigned one.
 * @returns those that were not assigned
 */
export async function insertUserRoles(
  db: Db,
  links: readonly { userId: string; roleId: string }[],
  at: number,
): Promise<{ userId: string; roleId: string }[]> {
  // PostgreSQL refuses a statement that names a row twice.
  const unique = new Map(links.map((link) => [`${link.roleId} ${link.userId}`, link]))
  const rows = [...unique.values()].map(({ userId, roleId }) => ({
    user_id: userId,
    role_id: roleId,
    assigned_at: at,
  }))
  const added: { userId: string; roleId: string }[] = []
  for (const some of chunks(rows))
    added.push(
      ...(await db
        .insertInto('user_roles')
        .values(some)
        .onConflict((conflict) =>
          conflict
            .columns(['user_id', 'role_id'])
            .doUpdateSet({ direct: toBool(true) })
            .where('user_roles.direct', '=', toBool(false)),
        )
        .returning(['user_id as userId', 'role_id as roleId'])
        .execute()),
    )
  return added
}

/** @returns those that were not there */
export async function insertUserPermissions(
  db: Db,
  userId: string,
  permissions: readonly PermissionKey[],
  at: number,
): Promise<PermissionKey[]> {
  const rows = permissions.map(({ apiId, permission }) => ({
    user_id: userId,
    api_id: apiId,
    permission,
    assigned_at: at,
  }))
  const added: PermissionKey[] = []
  for (const some of chunks(rows))
    added.push(
      ...(await db
        .insertInto('user_permissions')
        .values(some)
        .onConflict((c) => c.doNothing())
        .returning(['api_id as apiId', 'permission'])
        .execute()),
    )
  return added
}

/** @returns those that the user had */
export async function deleteUserPermissions(
  db: Db,
  userId: string,
  permissions: readonly PermissionKey[],
): Promise<PermissionKey[]> {
  const removed: PermissionKey[] = []
  for (const [apiId, keys] of Map.groupBy(permissions, (key) => key.apiId))
    for (const some of chunks(keys.map(({ permission }) => permission)))
      removed.push(
        ...(await db
          .deleteFrom('user_permissions')
          .where('user_id', '=', userId)
          .where('api_id', '=', apiId)
          .where('permission', 'in', some)
          .returning(['api_id as apiId', 'permission'])
          .execute()),
      )
  return removed
}

/** @returns those that were not there */
export async function insertRolePermissions(
  db: Db,
  roleId: string,
  permissions: readonly PermissionKey[],
): Promise<PermissionKey[]> {
  const rows = permissions.map(({ apiId, permission }) => ({ role_id: roleId, api_id: apiId, permission }))
  const added: PermissionKey[] = []
  for (const some of chunks(rows))
    added.push(
      ...(await db
        .insertInto('role_permissions')
        .values(some)
        .onConflict((c) => c.doNothing())
        .returning(['api_id as apiId', 'permission'])
        .execute()),
    )
  return added
}

/** @returns those that the role had */
export async function deleteRolePermissions(
  db: Db,
  roleId: string,
  permissions: readonly PermissionKey[],
): Promise<PermissionKey[]> {
  const removed: PermissionKey[] = []
  for (const [apiId, keys] of Map.groupBy(permissions, (key) => key.apiId))
    for (const some of chunks(keys.map(({ permission }) => permission)))
      removed.push(
        ...(await db
          .deleteFrom('role_permissions')
          .where('role_id', '=', roleId)
          .where('api_id', '=', apiId)
          .where('permission', 'in', some)
          .returning(['api_id as apiId', 'permission'])
          .execute()),
      )
  return removed
}

/** The permissions of roles on every API; one that several roles hold is listed once. */
export async function permissionKeysOfRoles(db: Db, roleIds: readonly string[]): Promise<PermissionKey[]> {
  if (roleIds.length === 0) return []
  const rows = await db
    .selectFrom('role_permissions')
    .select(['api_id', 'permission'])
    .distinct()
    .where('role_id', 'in', roleIds)
    .execute()
  return rows.map(({ api_id, permission }) => ({ apiId: api_id, permission }))
}

/** The permissions on an API by role, without roles that have none. */
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

/**
 * The permissions on an API that anyone holds who logs in with the connection, blocked users included: its own users, and
 * those of other connections with an account of this one.
 */
export async function permissionsOfConnection(
  db: Db,
  { id, name }: { id: string; name: string },
  apiId: string,
): Promise<string[]> {
  const logsInWithIt = (eb: ExpressionBuilder<Database, 'users'>) =>
    eb.or([
      eb('users.connection', '=', name),
      eb(
        'users.user_id',
        'in',
        eb.selectFrom('identities').select('identities.user_id').where('identities.connection_id', '=', id),
      ),
    ])
  const rows = await db
    .selectFrom('role_permissions')
    .innerJoin('user_roles', 'user_roles.role_id', 'role_permissions.role_id')
    .innerJoin('users', 'users.user_id', 'user_roles.user_id')
    .select('role_permissions.permission as permission')
    .where('role_permissions.api_id', '=', apiId)
    .where(logsInWithIt)
    .union(
      db
        .selectFrom('user_permissions')
        .innerJoin('users', 'users.user_id', 'user_permissions.user_id')
        .select('user_permissions.permission as permission')
        .where('user_permissions.api_id', '=', apiId)
        .where(logsInWithIt),
    )
    .orderBy('permission')
    .execute()
  return rows.map(({ permission }) => permission)
}
