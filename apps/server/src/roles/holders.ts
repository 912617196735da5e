import type { PermissionKey } from '../apis/permission-refs.ts'
import type { Listing } from '../http/paging.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool, toBool } from '../store/values.ts'
import type { Member } from './lists.ts'
import { type RoleSources, sourcesOfRoles } from './role-sources.ts'
import { fromRow, type Role } from './store.ts'

/** Who holds a permission, and which roles give it: the other direction of `effective-permissions.ts`. */

export type RoleName = Pick<Role, 'id' | 'name'>
export type Person = Pick<Member, 'userId' | 'email' | 'name'>

export interface Holder extends Person {
  blocked: boolean
  /** The roles of the user that give it. */
  roles: (RoleName & { sources: RoleSources })[]
  /** Whether it is assigned to the user. */
  direct: boolean
}

/** Roles that have a permission, by name. */
export async function rolesWith(
  db: Db,
  { apiId, permission }: PermissionKey,
  limit: number,
): Promise<Role[]> {
  const rows = await db
    .selectFrom('role_permissions')
    .crossJoin('roles')
    .whereRef('roles.id', '=', 'role_permissions.role_id')
    .selectAll('roles')
    .where('role_permissions.api_id', '=', apiId)
    .where('role_permissions.permission', '=', permission)
    .orderBy('roles.name_key')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** The users who hold a permission, blocked ones included, by user id. */
export function listHolders(db: Db, key: PermissionKey): Listing<Holder> {
  const held = db.selectFrom(heldBy(db, key.apiId, [key.permission]).select('user_id').as('held'))
  return {
    async slice({ after, offset, limit }) {
      const rows = await held
        .crossJoin('users')
        .whereRef('users.user_id', '=', 'held.user_id')
        .select(['users.user_id as userId', 'users.email', 'users.name', 'users.blocked'])
        .$if(after !== undefined, (query) => query.where('held.user_id', '>', String(after?.[0])))
        .orderBy('held.user_id')
        .offset(offset)
        .limit(limit)
        .execute()
      const users = rows.map((row) => Object.assign(row, { blocked: fromBool(row.blocked) }))
      return withSources(db, key, users)
    },
    count: () => countRows(held),
    cursor: ({ userId }) => [userId],
  }
}

/** What these users hold a permission from. Of users who do not hold it: nothing. */
export async function withSources<User extends { userId: string }>(
  db: Db,
  { apiId, permission }: PermissionKey,
  users: readonly User[],
): Promise<(User & Pick<Holder, 'roles' | 'direct'>)[]> {
  if (users.length === 0) return []
  const ids = users.map(({ userId }) => userId)
  const through = await db
    .selectFrom('user_roles')
    .crossJoin('role_permissions')
    .crossJoin('roles')
    .select(['user_roles.user_id', 'roles.id', 'roles.name'])
    .whereRef('role_permissions.role_id', '=', 'user_roles.role_id')
    .whereRef('roles.id', '=', 'user_roles.role_id')
    .where('user_roles.user_id', 'in', ids)
    .where('role_permissions.api_id', '=', apiId)
    .where('role_permissions.permission', '=', permission)
    .orderBy('roles.name_key')
    .execute()
  const direct = await db
    .selectFrom('user_permissions')
    .select('user_id')
    .where('user_id', 'in', ids)
    .where('api_id', '=', apiId)
    .where('permission', '=', permission)
    .execute()
  const roles = Map.groupBy(through, ({ user_id }) => user_id)
  const sources = await sourcesOfRoles(db, ids, [...new Set(through.map(({ id }) => id))])
  const directly = new Set(direct.map(({ user_id }) => user_id))
  return users.map((user) => ({
    ...user,
    roles: (roles.get(user.userId) ?? []).flatMap(({ id, name }) => {
      const ofRole = sources.get(user.userId)?.get(id)
      return ofRole ? [{ id, name, sources: ofRole }] : []
    }),
    direct: directly.has(user.userId),
  }))
}

/** Users who are not blocked and hold all of some permissions of an API, and at least one of others, by user id. */
export function usersHolding(
  db: Db,
  apiId: string,
  { all, any }: { all: readonly string[]; any: readonly string[] },
  limit: number,
): Promise<Person[]> {
  let chosen = db
    .selectFrom('users')
    .select(['users.user_id as userId', 'users.email', 'users.name'])
    .where('users.blocked', '=', toBool(false))
    .where('users.user_id', 'in', heldBy(db, apiId, any).select('user_id'))
  if (all.length > 0)
    chosen = chosen.where('users.user_id', 'in', (eb) =>
      eb
        .selectFrom(heldBy(db, apiId, all).select(['user_id', 'permission']).distinct().as('held'))
        .select('held.user_id')
        .groupBy('held.user_id')
        .having((having) => having.fn.countAll(), '=', new Set(all).size),
    )
  return chosen.orderBy('users.user_id').limit(limit).execute()
}

/** The users who hold any of these permissions, one row for each of both. */
function heldBy(db: Db, apiId: string, permissions: readonly string[]) {
  return db.selectFrom((eb) =>
    eb
      .selectFrom('role_permissions')
      .crossJoin('user_roles')
      .select(['user_roles.user_id as user_id', 'role_permissions.permission as permission'])
      .whereRef('user_roles.role_id', '=', 'role_permissions.role_id')
      .where('role_permissions.api_id', '=', apiId)
      .where('role_permissions.permission', 'in', permissions)
      .union(
        eb
          .selectFrom('user_permissions')
          .select(['user_id', 'permission'])
          .where('api_id', '=', apiId)
          .where('permission', 'in', permissions),
      )
      .as('holders'),
  )
}
