import type { SelectQueryBuilder } from 'kysely'
import type { Listing } from '../http/paging.ts'
import { countRows } from '../store/count.ts'
import type { Database } from '../store/schema.ts'
import type { Db } from '../store/store.ts'

/** A permission with the names that people know it by. */
export interface NamedPermission {
  apiId: string
  apiName: string
  apiIdentifier: string
  permission: string
  description: string
}

/** What a role holds, by API and permission. */
export function listPermissionsOfRole(db: Db, roleId: string): Listing<NamedPermission> {
  const held = db
    .selectFrom('role_permissions')
    .select(['api_id', 'permission'])
    .where('role_id', '=', roleId)
  return listHeld(db, held)
}

/** What a query finds, by API and permission; it must find each once. */
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
