import type { Listing } from '../http/paging.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'

/** A permission of an API; without `permission`, all permissions of the API. */
export interface Removed {
  apiId: string
  permission?: string | undefined
}

/** Counts who holds it: users through roles or directly, roles, and users directly. */
export async function countHolders(
  db: Db,
  removed: Removed,
): Promise<{ users: number; roles: number; direct: number }> {
  const direct = ofUsers(db, removed)
  const inRoles = ofRoles(db, removed)
  const throughRoles = inRoles
    .innerJoin('user_roles', 'user_roles.role_id', 'role_permissions.role_id')
    .select('user_roles.user_id')
  const holders = direct.select('user_permissions.user_id').union(throughRoles)
  const [users, roles, directly] = await Promise.all([
    db
      .selectFrom(holders.as('holders'))
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirst(),
    inRoles
      .select(({ fn }) => fn.count('role_permissions.role_id').distinct().as('count'))
      .executeTakeFirst(),
    direct.select(({ fn }) => fn.count('user_permissions.user_id').distinct().as('count')).executeTakeFirst(),
  ])
  return {
    users: Number(users?.count ?? 0),
    roles: Number(roles?.count ?? 0),
    direct: Number(directly?.count ?? 0),
  }
}

function ofUsers(db: Db, { apiId, permission }: Removed) {
  const query = db.selectFrom('user_permissions').where('user_permissions.api_id', '=', apiId)
  return permission === undefined ? query : query.where('user_permissions.permission', '=', permission)
}

function ofRoles(db: Db, { apiId, permission }: Removed) {
  const query = db.selectFrom('role_permissions').where('role_permissions.api_id', '=', apiId)
  return permission === undefined ? query : query.where('role_permissions.permission', '=', permission)
}

/** Counts the users of a role who hold one of its permissions through nothing else. */
export async function countLosers(db: Db, roleId: string, removed: Partial<Removed>): Promise<number> {
  let lost = db
    .selectFrom('user_roles as member')
    .innerJoin('role_permissions as lost', 'lost.role_id', 'member.role_id')
    .where('member.role_id', '=', roleId)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('user_permissions as direct')
            .select('direct.user_id')
            .whereRef('direct.user_id', '=', 'member.user_id')
            .whereRef('direct.api_id', '=', 'lost.api_id')
            .whereRef('direct.permission', '=', 'lost.permission'),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('user_roles as other')
            .innerJoin('role_permissions as held', 'held.role_id', 'other.role_id')
            .select('other.user_id')
            .whereRef('other.user_id', '=', 'member.user_id')
            .where('other.role_id', '!=', roleId)
            .whereRef('held.api_id', '=', 'lost.api_id')
            .whereRef('held.permission', '=', 'lost.permission'),
        ),
      ),
    )
  if (removed.apiId !== undefined) lost = lost.where('lost.api_id', '=', removed.apiId)
  if (removed.permission !== undefined) lost = lost.where('lost.permission', '=', removed.permission)
  const row = await lost
    .select(({ fn }) => fn.count('member.user_id').distinct().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** The roles that hold permissions of an API, one row for each role and permission. */
export function rolesHolding(db: Db, apiId: string): Promise<{ role_id: string; permission_name: string }[]> {
  return db
    .selectFrom('role_permissions')
    .select(['role_id', 'permission as permission_name'])
    .where('api_id', '=', apiId)
    .execute()
}

interface DirectHolder {
  userId: string
  email: string
  permission: string
}

/** The users who hold permissions of an API without a role, by permission and user id. */
export function listDirectHolders(db: Db, apiId: string): Listing<DirectHolder> {
  const held = db.selectFrom('user_permissions').where('user_permissions.api_id', '=', apiId)
  return {
    slice: ({ after, offset, limit }) =>
      held
        .crossJoin('users')
        .whereRef('users.user_id', '=', 'user_permissions.user_id')
        .select(['users.user_id as userId', 'users.email', 'user_permissions.permission'])
        .$if(after !== undefined, (query) =>
          query.where((eb) =>
            eb(
              eb.refTuple('user_permissions.permission', 'user_permissions.user_id'),
              '>',
              eb.tuple(String(after?.[0]), String(after?.[1])),
            ),
          ),
        )
        .orderBy('user_permissions.permission')
        .orderBy('user_permissions.user_id')
        .offset(offset)
        .limit(limit)
        .execute(),
    count: () => countRows(held),
    cursor: ({ permission, userId }) => [permission, userId],
    cursorTypes: ['string', 'string'],
  }
}
