import type { Db } from '../store/store.ts'
import { toBool } from '../store/values.ts'

/** How many applications are granted a permission of an API, or any of them. */
export async function countGranted(
  db: Db,
  { apiId, permission }: { apiId: string; permission?: string | undefined },
): Promise<number> {
  const grants = db
    .selectFrom('client_grants')
    .where('client_grants.api_id', '=', apiId)
    .where((eb) => {
      let named = eb
        .selectFrom('client_grant_permissions as granted')
        .select('granted.grant_id')
        .whereRef('granted.grant_id', '=', 'client_grants.id')
      if (permission !== undefined) named = named.where('granted.permission', '=', permission)
      return eb.or([eb('client_grants.allow_all_scopes', '=', toBool(true)), eb.exists(named)])
    })
  const row = await grants
    .select(({ fn }) => fn.count('client_grants.client_id').distinct().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}
