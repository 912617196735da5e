import { type SelectQueryBuilder, sql } from 'kysely'
import type { Cursor, Listing } from '../http/paging.ts'
import { textCondition } from '../search/text-search.ts'
import { foldText } from '../store/canonical.ts'
import type { Database } from '../store/schema.ts'
import { countRows, literal, matches } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { toBool } from '../store/values.ts'
import { type RoleSources, sourcesOfRoles } from './role-sources.ts'
import type { Role } from './store.ts'
import { fromRow } from './store.ts'

export interface RoleFilter {
  /** Part of the name, in any case. */
  name?: string | undefined
  isSystem?: boolean | undefined
  /** Parts of the name or the id. */
  text?: string | undefined
  sort?: RoleOrder | undefined
}

/** A requested order. */
export interface RoleOrder {
  by: keyof typeof sortKeys
  descending: boolean
}

const sortKeys = {
  name: sql<string | number>`${sql.ref('roles.name_key')}`,
  users: sql<string | number>`(select count(*) from user_roles where user_roles.role_id = roles.id)`,
  permissions: sql<
    string | number
  >`(select count(*) from role_permissions where role_permissions.role_id = roles.id)`,
}

/** Roles by name, unless another order is requested. */
export function listRoles(
  db: Db,
  { name, isSystem, text = '', sort = { by: 'name', descending: false } }: RoleFilter,
): Listing<Role & { position: Cursor }> {
  let chosen = db.selectFrom('roles')
  if (name) chosen = chosen.where(matches(sql.ref('name_key'), `%${literal(foldText(name))}%`))
  if (isSystem !== undefined) chosen = chosen.where('is_system', '=', toBool(isSystem))
  const found = textCondition(db, 'roles', text)
  if (found) chosen = chosen.where(found)
  const key = sortKeys[sort.by]
  const direction = sort.descending ? 'desc' : 'asc'
  const sign = sql.raw(sort.descending ? '<' : '>')
  // Names are unique; roles with as many users or permissions are in the order of their ids.
  const byName = sort.by === 'name'
  const isAfter = ([value, id]: Cursor) =>
    byName
      ? sql<boolean>`${key} ${sign} ${value}`
      : sql<boolean>`(${key}, ${sql.ref('roles.id')}) ${sign} (${value}, ${id})`
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .selectAll()
        .select(key.as('sort_key'))
        .$if(after !== undefined, (query) => query.where(isAfter(after ?? [])))
        .orderBy(key, direction)
        .$if(!byName, (query) => query.orderBy('roles.id', direction))
        .offset(offset)
        .limit(limit)
        .execute()
      // PostgreSQL returns a count as text.
      return rows.map((row) =>
        Object.assign(fromRow(row), {
          position: byName ? [row.name_key] : [Number(row.sort_key), row.id],
        }),
      )
    },
    count: () => countRows(chosen),
    cursor: ({ position }) => position,
    cursorTypes: byName ? ['string'] : ['number', 'string'],
  }
}

/** The roles that a user holds, by id. */
export function listRolesOfUser(db: Db, userId: string): Listing<Role & RoleSources> {
  const held = db
    .selectFrom('user_roles')
    .crossJoin('roles')
    .whereRef('roles.id', '=', 'user_roles.role_id')
    .where('user_roles.user_id', '=', userId)
  return {
    async slice({ after, offset, limit }) {
      const rows = await held
        .selectAll('roles')
        .$if(after !== undefined, (query) => query.where('user_roles.role_id', '>', String(after?.[0])))
        .orderBy('user_roles.role_id')
        .offset(offset)
        .limit(limit)
        .execute()
      const roles = rows.map(fromRow)
      const sources = await sourcesOfRoles(
        db,
        [userId],
        roles.map(({ id }) => id),
      )
      return roles.map((role) => Object.assign(role, sources.get(userId)?.get(role.id) ?? noSources))
    },
    count: () => countRows(held),
    cursor: (role) => [role.id],
  }
}

/** Of a role that was taken between two reads. */
const noSources: RoleSources = { direct: false, connections: [] }

export interface Member {
  userId: string
  email: string
  name: string
  picture: string
}

/** The users of a role, by user id. The join with the users saves one query for each page. */
export function listMembers(db: Db, roleId: string): Listing<Member & RoleSources> {
  const held = db.selectFrom('user_roles').where('user_roles.role_id', '=', roleId)
  return {
    async slice({ after, offset, limit }) {
      const members = await held
        .crossJoin('users')
        .whereRef('users.user_id', '=', 'user_roles.user_id')
        .select(['users.user_id as userId', 'users.email', 'users.name', 'users.picture'])
        .$if(after !== undefined, (query) => query.where('user_roles.user_id', '>', String(after?.[0])))
        .orderBy('user_roles.user_id')
        .offset(offset)
        .limit(limit)
        .execute()
      const ids = members.map(({ userId }) => userId)
      const sources = await sourcesOfRoles(db, ids, [roleId])
      return members.map((member) =>
        Object.assign(member, sources.get(member.userId)?.get(roleId) ?? noSources),
      )
    },
    count: () => countRows(held),
    cursor: (member) => [member.userId],
  }
}

/** A permission with the name and the identifier of its API. */
export interface NamedPermission {
  apiId: string
  apiName: string
  apiIdentifier: string
  permission: string
  description: string
}

/** The permissions of a role, by API and permission. */
export function listPermissionsOfRole(db: Db, roleId: string): Listing<NamedPermission> {
  const held = db
    .selectFrom('role_permissions')
    .select(['api_id', 'permission'])
    .where('role_id', '=', roleId)
  return listHeld(db, held)
}

/** The permissions that a query selects, by API and permission. The query must select each once. */
export function listHeld(
  db: Db,
  held: SelectQueryBuilder<Database, keyof Database, { api_id: string; permission: string }>,
): Listing<NamedPermission> {
  return {
    slice: ({ after, offset, limit }) =>
      db
        .selectFrom(held.as('held'))
        .crossJoin('permissions')
        .crossJoin('apis')
        .select([
          'held.api_id as apiId',
          'apis.name as apiName',
          'apis.identifier as apiIdentifier',
          'held.permission as permission',
          'permissions.description as description',
        ])
        .whereRef('permissions.api_id', '=', 'held.api_id')
        .whereRef('permissions.value', '=', 'held.permission')
        .whereRef('apis.id', '=', 'held.api_id')
        .$if(after !== undefined, (query) =>
          query.where((eb) =>
            eb(
              eb.refTuple('held.api_id', 'held.permission'),
              '>',
              eb.tuple(String(after?.[0]), String(after?.[1])),
            ),
          ),
        )
        .orderBy('held.api_id')
        .orderBy('held.permission')
        .offset(offset)
        .limit(limit)
        .execute(),
    count: () => countRows(db.selectFrom(held.as('held'))),
    cursor: ({ apiId, permission }) => [apiId, permission],
    cursorTypes: ['string', 'string'],
  }
}

/** A permission of a user and its sources. */
export interface SourcedPermission extends NamedPermission {
  /** Roles, or undefined for an assignment to the user. */
  sources: (({ roleId: string; roleName: string } & RoleSources) | undefined)[]
}

/** The permissions of a user, direct or through roles, each once, by API and permission. */
export function listPermissionsOfUser(db: Db, userId: string, apiId?: string): Listing<SourcedPermission> {
  const through = db
    .selectFrom('user_roles')
    .crossJoin('role_permissions')
    .select(['role_permissions.api_id as api_id', 'role_permissions.permission as permission'])
    .whereRef('role_permissions.role_id', '=', 'user_roles.role_id')
    .where('user_roles.user_id', '=', userId)
    .$if(apiId !== undefined, (query) => query.where('role_permissions.api_id', '=', String(apiId)))
  const direct = db
    .selectFrom('user_permissions')
    .select(['api_id', 'permission'])
    .where('user_id', '=', userId)
    .$if(apiId !== undefined, (query) => query.where('api_id', '=', String(apiId)))
  const list = listHeld(db, through.union(direct))
  return {
    count: () => list.count(),
    slice: async (range) => withSources(db, userId, await list.slice(range)),
    cursor: (one) => [one.apiId, one.permission],
    cursorTypes: ['string', 'string'],
  }
}

async function withSources(
  db: Db,
  userId: string,
  permissions: NamedPermission[],
): Promise<SourcedPermission[]> {
  if (permissions.length === 0) return []
  const apiIds = [...new Set(permissions.map(({ apiId }) => apiId))]
  const values = [...new Set(permissions.map(({ permission }) => permission))]
  const assigned = await db
    .selectFrom('user_permissions')
    .select(['api_id', 'permission'])
    .where('user_id', '=', userId)
    .where('api_id', 'in', apiIds)
    .where('permission', 'in', values)
    .execute()
  const through = await db
    .selectFrom('user_roles')
    .crossJoin('roles')
    .crossJoin('role_permissions')
    .select(['role_permissions.api_id', 'role_permissions.permission', 'roles.id', 'roles.name'])
    .whereRef('roles.id', '=', 'user_roles.role_id')
    .whereRef('role_permissions.role_id', '=', 'user_roles.role_id')
    .where('user_roles.user_id', '=', userId)
    .where('role_permissions.api_id', 'in', apiIds)
    .where('role_permissions.permission', 'in', values)
    .orderBy('roles.name_key')
    .execute()
  const giving = await sourcesOfRoles(db, [userId], [...new Set(through.map(({ id }) => id))])
  const sources = new Map<string, SourcedPermission['sources']>()
  const add = (key: string, source: SourcedPermission['sources'][number]) =>
    sources.set(key, [...(sources.get(key) ?? []), source])
  for (const row of assigned) add(keyOf(row.api_id, row.permission), undefined)
  for (const row of through) {
    const { direct, connections } = giving.get(userId)?.get(row.id) ?? noSources
    add(keyOf(row.api_id, row.permission), { roleId: row.id, roleName: row.name, direct, connections })
  }
  return permissions.map((permission) => ({
    ...permission,
    sources: sources.get(keyOf(permission.apiId, permission.permission)) ?? [],
  }))
}

const keyOf = (apiId: string, permission: string) => `${apiId} ${permission}`

/** The ids of the users who hold a role. */
export const holdersOfRole = (db: Db, roleId: string) =>
  db.selectFrom('user_roles').select('user_roles.user_id').where('user_roles.role_id', '=', roleId)

/** The ids of the users who hold a permission of an API, directly or through a role. */
export function holdersOfPermission(
  db: Db,
  { identifier, permission }: { identifier: string; permission: string },
) {
  const through = db
    .selectFrom('apis')
    .crossJoin('role_permissions')
    .crossJoin('user_roles')
    .select('user_roles.user_id')
    .whereRef('role_permissions.api_id', '=', 'apis.id')
    .whereRef('user_roles.role_id', '=', 'role_permissions.role_id')
    .where('apis.identifier', '=', identifier)
    .where('role_permissions.permission', '=', permission)
  const direct = db
    .selectFrom('apis')
    .crossJoin('user_permissions')
    .select('user_permissions.user_id')
    .whereRef('user_permissions.api_id', '=', 'apis.id')
    .where('apis.identifier', '=', identifier)
    .where('user_permissions.permission', '=', permission)
  return through.union(direct)
}

/** How many users hold each of these roles, and how many permissions it has. */
export async function countsOfRoles(
  db: Db,
  roleIds: readonly string[],
): Promise<{ roleId: string; users: number; permissions: number }[]> {
  if (roleIds.length === 0) return []
  const members = await db
    .selectFrom('user_roles')
    .select((eb) => ['role_id', eb.fn.countAll().as('count')])
    .where('role_id', 'in', roleIds)
    .groupBy('role_id')
    .execute()
  const permissions = await db
    .selectFrom('role_permissions')
    .select((eb) => ['role_id', eb.fn.countAll().as('count')])
    .where('role_id', 'in', roleIds)
    .groupBy('role_id')
    .execute()
  const countIn = (rows: typeof members, roleId: string) =>
    Number(rows.find(({ role_id }) => role_id === roleId)?.count ?? 0)
  return roleIds.map((roleId) => ({
    roleId,
    users: countIn(members, roleId),
    permissions: countIn(permissions, roleId),
  }))
}

/** The roles of these users, by name. */
export async function rolesOfUsers(
  db: Db,
  userIds: readonly string[],
): Promise<{ user_id: string; role_id: string; name: string }[]> {
  if (userIds.length === 0) return []
  return db
    .selectFrom('user_roles')
    .crossJoin('roles')
    .select(['user_roles.user_id', 'user_roles.role_id', 'roles.name'])
    .whereRef('roles.id', '=', 'user_roles.role_id')
    .where('user_roles.user_id', 'in', userIds)
    .orderBy('roles.name_key')
    .execute()
}
