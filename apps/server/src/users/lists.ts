import { type RawBuilder, sql } from 'kysely'
import type { Cursor, Listing } from '../http/paging.ts'
import { toCondition } from '../search/conditions.ts'
import type { Query } from '../search/lucene.ts'
import { countRows } from '../store/count.ts'
import { isPostgres } from '../store/migrations/column-types.ts'
import type { Db } from '../store/store.ts'
import { userFields } from './search.ts'
import { indexFor } from './search-index.ts'
import { fromRow } from './store.ts'
import type { User } from './users.ts'

/** What a list can be sorted by: never NULL, so that a position in it can be named. */
const sortColumns = {
  user_id: 'user_id',
  email: 'email_key',
  name: 'name_key',
  nickname: 'nickname_key',
  created_at: 'created_at',
  updated_at: 'updated_at',
  logins_count: 'logins_count',
} as const
export type UserSort = keyof typeof sortColumns
type SortColumn = (typeof sortColumns)[UserSort]

export const isUserSort = (name: string): name is UserSort => Object.hasOwn(sortColumns, name)

export interface UserFilter {
  connection?: string | undefined
  search?: Query | undefined
  /** Oldest first unless said otherwise. */
  sort?: { by: UserSort; descending: boolean } | undefined
}

/** @throws SearchSyntaxError from its functions, for a search that does not fit the users' fields */
export function listUsers(db: Db, { connection, search, sort }: UserFilter): Listing<User & Position> {
  let chosen = db.selectFrom('users')
  if (connection !== undefined) chosen = chosen.where('connection', '=', connection)
  if (search) chosen = chosen.where(toCondition(search, userFields(isPostgres(db))))

  const order = orderOf(search, sort)
  const direction = order.descending ? 'desc' : 'asc'
  return {
    async slice({ after, offset, limit }) {
      // Positions first, from an index alone where one serves; whole rows only for those on the page.
      const page = chosen
        .select('users.user_id')
        .$if(after !== undefined, (query) => query.where(beyond(order, after ?? [])))
        .orderBy(order.key, direction)
        .orderBy('users.user_id', direction)
        .offset(offset)
        .limit(limit)
      const rows = await db
        .selectFrom(page.as('page'))
        .crossJoin('users')
        .whereRef('users.user_id', '=', 'page.user_id')
        .selectAll('users')
        .orderBy(`users.${order.column}`, direction)
        .orderBy('users.user_id', direction)
        .execute()
      return rows.map((row) => Object.assign(fromRow(row), { position: row[order.column] }))
    },
    count: () => countRows(chosen),
    cursor: ({ position, userId }) => [position, userId],
    cursorTypes: [numeric.has(order.column) ? 'number' : 'string', 'string'],
  }
}

interface Position {
  /** The value that the list is sorted by. */
  position: string | number
}

interface Order {
  column: SortColumn
  /** The column, or an expression that hides it from the indexes. */
  key: RawBuilder<unknown>
  descending: boolean
}

/**
 * Without an order of its own, a search by the beginning of an address or a name comes in the order of the index that
 * answers it. Where several indexes answer together, that of the times must not lure the planner into reading all users.
 */
function orderOf(search: Query | undefined, sort: UserFilter['sort']): Order {
  const index = search && indexFor(search)
  if (sort || !index) {
    const column = sortColumns[sort?.by ?? 'created_at']
    return { column, key: sql.ref(`users.${column}`), descending: sort?.descending ?? false }
  }
  if (index === 'several')
    return { column: 'created_at', key: sql`+${sql.ref('users.created_at')}`, descending: false }
  return { column: index, key: sql.ref(`users.${index}`), descending: false }
}

function beyond({ key, descending }: Order, [value, userId]: Cursor): RawBuilder<boolean> {
  return sql<boolean>`(${key}, ${sql.ref('users.user_id')}) ${sql.raw(descending ? '<' : '>')} (${value}, ${userId})`
}

const numeric: ReadonlySet<SortColumn> = new Set<SortColumn>(['created_at', 'updated_at', 'logins_count'])
