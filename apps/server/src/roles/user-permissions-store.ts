import type { Listing } from '../http/paging.ts'
import type { Db } from '../store/store.ts'
import { listHeld, type NamedPermission } from './permissions-list-store.ts'

/** A permission of a user, and through what they have it. */
export interface SourcedPermission extends NamedPermission {
  /** Undefined: given directly. */
  sources: ({ roleId: string; roleName: string } | undefined)[]
}

/** What a user may do: directly and through roles, each permission once, by API and permission. */
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
  const direct = await db
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
  const sources = new Map<string, SourcedPermission['sources']>()
  const add = (key: string, source: SourcedPermission['sources'][number]) =>
    sources.set(key, [...(sources.get(key) ?? []), source])
  for (const row of direct) add(keyOf(row.api_id, row.permission), undefined)
  for (const row of through) add(keyOf(row.api_id, row.permission), { roleId: row.id, roleName: row.name })
  return permissions.map((permission) => ({
    ...permission,
    sources: sources.get(keyOf(permission.apiId, permission.permission)) ?? [],
  }))
}

const keyOf = (apiId: string, permission: string) => `${apiId} ${permission}`
