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

/** Reads users in the order of their ids: at most `limit` after an id. */
export type UserSource = (after: string, limit: number) => Promise<string[]>

/** The members of a role. */
export function membersOf(db: Db, roleId: string): UserSource {
  return async (after, limit) => {
    const rows = await db
      .selectFrom('user_roles')
      .select('user_id')
      .where('role_id', '=', roleId)
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(limit)
      .execute()
    return rows.map(({ user_id }) => user_id)
  }
}

/** The users to whom a connection gives roles. */
export function receiversOf(db: Db, connectionId: string): UserSource {
  return async (after, limit) => {
    const rows = await db
      .selectFrom('identity_roles')
      .select('user_id')
      .distinct()
      .where('connection_id', '=', connectionId)
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(limit)
      .execute()
    return rows.map(({ user_id }) => user_id)
  }
}

/** The users to whom a permission is assigned directly. */
export function directHoldersOf(db: Db, { apiId, permission }: PermissionKey): UserSource {
  return async (after, limit) => {
    const rows = await db
      .selectFrom('user_permissions')
      .select('user_id')
      .where('api_id', '=', apiId)
      .where('permission', '=', permission)
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(limit)
      .execute()
    return rows.map(({ user_id }) => user_id)
  }
}

const usersPerRead = 1_000

/**
 * The users of several sources in the order of their ids, each once, part by part. A source is read on when all that was
 * read from it is given out, so that no statement reads more than one part.
 */
export async function* mergeUsers(sources: readonly UserSource[], after: string): AsyncGenerator<string[]> {
  let open = sources.map((read) => ({ read, ids: [] as string[], last: after, hasMore: true }))
  while (open.length > 0) {
    for (const source of open) {
      if (source.ids.length > 0 || !source.hasMore) continue
      source.ids = await source.read(source.last, usersPerRead)
      source.hasMore = source.ids.length === usersPerRead
      source.last = source.ids.at(-1) ?? source.last
    }
    // Up to here every source is read.
    const end = open
      .filter(({ hasMore }) => hasMore)
      .map(({ last }) => last)
      .toSorted(byBytes)[0]
    const parts = open
      .map((source) => source.ids.splice(0, countUpTo(source, end)))
      .filter(({ length }) => length > 0)
    open = open.filter(({ ids, hasMore }) => hasMore || ids.length > 0)
    yield parts.length > 1 ? [...new Set(parts.flat())].toSorted(byBytes) : (parts[0] ?? [])
  }
}

function countUpTo({ ids, last }: { ids: readonly string[]; last: string }, end: string | undefined): number {
  if (end === undefined || byBytes(last, end) <= 0) return ids.length
  return ids.findIndex((id) => byBytes(id, end) > 0)
}

/** The order of ids in both databases. */
export function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

export interface Holdings {
  userId: string
  blocked: boolean
  /** Ids, sorted, of those that are assigned and those that providers give. */
  roles: string[]
  assigned: string[]
  given: GivenRole[]
  direct: PermissionKey[]
}

/** A role that a connection gives a user. */
export interface GivenRole {
  connectionId: string
  roleId: string
}

const nothing = () => ({ roles: [], assigned: [], given: [], direct: [] })

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
      holdings.set(user_id, { ...nothing(), userId: user_id, blocked: fromBool(blocked) })
    const roles = await db
      .selectFrom('user_roles')
      .select(['user_id', 'role_id', 'direct'])
      .where('user_id', 'in', some)
      .orderBy('user_id')
      .orderBy('role_id')
      .execute()
    for (const { user_id, role_id, direct } of roles) {
      holdings.get(user_id)?.roles.push(role_id)
      if (fromBool(direct)) holdings.get(user_id)?.assigned.push(role_id)
    }
    const given = await db
      .selectFrom('identity_roles')
      .select(['user_id', 'connection_id as connectionId', 'role_id as roleId'])
      .where('user_id', 'in', some)
      .execute()
    for (const { user_id, ...role } of given) holdings.get(user_id)?.given.push(role)
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
