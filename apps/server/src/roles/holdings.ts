import type { PermissionKey } from '../apis/permission-refs.ts'
import { chunks } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool } from '../store/values.ts'

/** What roles and users hold, for many of them at once. */

/** The permissions of these roles, each role with an entry. */
export async function permissionsByRole(
  db: Db,
  roleIds: readonly string[],
): Promise<Map<string, PermissionKey[]>> {
  const found = new Map<string, PermissionKey[]>(roleIds.map((id) => [id, []]))
  for (const some of chunks(roleIds)) {
    const rows = await db
      .selectFrom('role_permissions')
      .select(['role_id', 'api_id', 'permission'])
      .where('role_id', 'in', some)
      .execute()
    for (const { role_id, api_id, permission } of rows)
      found.get(role_id)?.push({ apiId: api_id, permission })
  }
  return found
}

/** The roles that have any of these permissions of an API. */
export async function rolesWithAny(db: Db, apiId: string, permissions: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const some of chunks(permissions)) {
    const rows = await db
      .selectFrom('role_permissions')
      .select('role_id')
      .distinct()
      .where('api_id', '=', apiId)
      .where('permission', 'in', some)
      .execute()
    for (const { role_id } of rows) found.add(role_id)
  }
  return [...found]
}

/** The first members of any of these roles, by user id. */
export function firstMembers(db: Db, roleIds: readonly string[], limit: number): Promise<string[]> {
  return usersAmong(roleIds, (some) =>
    db
      .selectFrom('user_roles')
      .select('user_id')
      .distinct()
      .where('role_id', 'in', some)
      .orderBy('user_id')
      .limit(limit)
      .execute(),
  )
}

/** The first users to whom any of these permissions of an API is assigned directly, by user id. */
export function firstDirectHolders(
  db: Db,
  apiId: string,
  permissions: readonly string[],
  limit: number,
): Promise<string[]> {
  return usersAmong(permissions, (some) =>
    db
      .selectFrom('user_permissions')
      .select('user_id')
      .distinct()
      .where('api_id', '=', apiId)
      .where('permission', 'in', some)
      .orderBy('user_id')
      .limit(limit)
      .execute(),
  )
}

/** Reads users by values that may be more than a statement takes, each user once. */
async function usersAmong(
  values: readonly string[],
  read: (some: readonly string[]) => Promise<{ user_id: string }[]>,
): Promise<string[]> {
  const found = new Set<string>()
  for (const some of chunks(values)) for (const { user_id } of await read(some)) found.add(user_id)
  return [...found]
}

export interface Holdings {
  userId: string
  blocked: boolean
  /** Ids, sorted. */
  roles: string[]
  direct: PermissionKey[]
}

/** What these users hold, without users that do not exist. */
export async function holdingsOf(db: Db, userIds: readonly string[]): Promise<Holdings[]> {
  const holdings = new Map<string, Holdings>()
  for (const some of chunks(userIds)) {
    const users = await db
      .selectFrom('users')
      .select(['user_id', 'blocked'])
      .where('user_id', 'in', some)
      .execute()
    for (const { user_id, blocked } of users)
      holdings.set(user_id, { userId: user_id, blocked: fromBool(blocked), roles: [], direct: [] })
    const roles = await db
      .selectFrom('user_roles')
      .select(['user_id', 'role_id'])
      .where('user_id', 'in', some)
      .orderBy('user_id')
      .orderBy('role_id')
      .execute()
    for (const { user_id, role_id } of roles) holdings.get(user_id)?.roles.push(role_id)
    const direct = await db
      .selectFrom('user_permissions')
      .select(['user_id', 'api_id', 'permission'])
      .where('user_id', 'in', some)
      .execute()
    for (const { user_id, api_id, permission } of direct)
      holdings.get(user_id)?.direct.push({ apiId: api_id, permission })
  }
  return [...holdings.values()]
}

/** The names of these users, by user id. */
export function peopleNamed(
  db: Db,
  userIds: readonly string[],
): Promise<{ userId: string; email: string; name: string }[]> {
  if (userIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('users')
    .select(['user_id as userId', 'email', 'name'])
    .where('user_id', 'in', userIds)
    .orderBy('user_id')
    .execute()
}
