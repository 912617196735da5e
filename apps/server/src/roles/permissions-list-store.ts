import type { Listing } from '../http/paging.ts'
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
  const held = db.selectFrom('role_permissions as held').where('held.role_id', '=', roleId)
  return {
    slice: ({ after, offset, limit }) =>
      held
        .innerJoin('permissions', (join) =>
          join
            .onRef('permissions.api_id', '=', 'held.api_id')
            .onRef('permissions.value', '=', 'held.permission'),
        )
        .innerJoin('apis', 'apis.id', 'held.api_id')
        .select([
          'held.api_id as apiId',
          'apis.name as apiName',
          'apis.identifier as apiIdentifier',
          'held.permission as permission',
          'permissions.description as description',
        ])
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
    async count() {
      const { total } = await held
        .select((eb) => eb.fn.countAll<number | string>().as('total'))
        .executeTakeFirstOrThrow()
      return Number(total)
    },
    cursor: ({ apiId, permission }) => [apiId, permission],
    cursorTypes: ['string', 'string'],
  }
}
