import { sql } from 'kysely'
import type { Listing } from '../http/paging.ts'
import { textCondition } from '../search/text-search.ts'
import { chunks, countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { type Api, fromRow } from './store.ts'

/** APIs in the order of their identifiers, which are unique; all of them, those that `identifiers` names, or that have the text. */
export function listApis(
  db: Db,
  { identifiers, text = '' }: { identifiers?: readonly string[] | undefined; text?: string | undefined } = {},
): Listing<Api> {
  const found = textCondition(db, 'apis', text)
  const chosen = db
    .selectFrom('apis')
    .$if(identifiers !== undefined, (query) => query.where('identifier', 'in', identifiers ?? []))
    .$if(found !== undefined, (query) => query.where(found ?? sql<boolean>`true`))
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) => query.where('identifier', '>', String(after?.[0])))
        .orderBy('identifier')
        .offset(offset)
        .limit(limit)
        .execute()
      const permissions = await permissionsByApi(
        db,
        rows.map(({ id }) => id),
      )
      return rows.map((row) => fromRow(row, permissions.get(row.id) ?? []))
    },
    count: () => countRows(chosen),
    cursor: (api) => [api.identifier],
  }
}

async function permissionsByApi(db: Db, apiIds: readonly string[]) {
  const found = []
  for (const some of chunks(apiIds))
    found.push(
      ...(await db
        .selectFrom('permissions')
        .select(['api_id', 'value', 'description'])
        .where('api_id', 'in', some)
        .orderBy('position')
        .execute()),
    )
  const byApi = Map.groupBy(found, (row) => row.api_id)
  return new Map(
    [...byApi].map(([id, rows]) => [id, rows.map(({ value, description }) => ({ value, description }))]),
  )
}
