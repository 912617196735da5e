import { type RawBuilder, sql } from 'kysely'
import type { Cursor } from '../http/paging.ts'
import type { Query } from '../search/lucene.ts'
import { textSearch } from '../search/text-search.ts'
import { isPostgres } from '../store/migrations/column-types.ts'
import type { Db } from '../store/store.ts'
import { indexFor } from './search.ts'

/** Columns to sort by. */
const sortColumns = {
  user_id: 'user_id',
  email: 'email_key',
  name: 'name_key',
  nickname: 'nickname_key',
  created_at: 'created_at',
  updated_at: 'updated_at',
  logins_count: 'logins_count',
  last_login: 'last_login',
} as const
type UserSort = keyof typeof sortColumns
type SortColumn = (typeof sortColumns)[UserSort] | 'search_id'

/** A requested order. */
export interface UserOrder {
  by: UserSort
  descending: boolean
}

export const isUserSort = (name: string): name is UserSort => Object.hasOwn(sortColumns, name)

/** How a list of users is read. */
export interface Order {
  column: SortColumn
  /** The column, or an expression for which no index is used. */
  key: RawBuilder<unknown>
  descending: boolean
  /** Its values are unique, and the index is read in its order only if no other key follows. */
  isUnique?: boolean
}

/**
 * A search by the start of an address or a name, without a requested order, is sorted by the column of the index that
 * finds it, and a search for text in the order of the text index. If several indexes are used together, `+created_at`
 * stops SQLite from choosing the created_at index and reading all users.
 */
export function orderOf(
  db: Db,
  {
    search,
    sort,
    text = '',
  }: { search?: Query | undefined; sort?: UserOrder | undefined; text?: string | undefined },
): Order {
  if (!sort && !isPostgres(db) && textSearch(db, 'users', text)) return hitOrder
  const index = search && indexFor(search)
  if (sort || !index) return sortedBy(sort)
  if (index === 'several')
    return { column: 'created_at', key: sql`+${sql.ref('users.created_at')}`, descending: false }
  return { column: index, key: sql.ref(`users.${index}`), descending: false }
}

function sortedBy({ by, descending }: UserOrder = { by: 'created_at', descending: false }): Order {
  const column = sortColumns[by]
  return { column, key: keyOf(column), descending }
}

/** The order of SQLite's text index. */
export const hitOrder: Order = {
  column: 'search_id',
  key: sql.ref('hit.rowid'),
  descending: false,
  isUnique: true,
}

/** A user who has never logged in comes before all others: a cursor cannot name NULL. The index has the expression. */
export const keyOf = (column: SortColumn): RawBuilder<unknown> =>
  column === 'last_login' ? sql`coalesce(users.last_login, 0)` : sql.ref(`users.${column}`)

/** The users after a cursor. */
export function beyond({ key, descending, isUnique }: Order, [value, userId]: Cursor): RawBuilder<boolean> {
  if (isUnique) return sql<boolean>`${key} > ${value}`
  return sql<boolean>`(${key}, ${sql.ref('users.user_id')}) ${sql.raw(descending ? '<' : '>')} (${value}, ${userId})`
}

/** Columns whose values are numbers. */
export const numeric: ReadonlySet<SortColumn> = new Set<SortColumn>([
  'created_at',
  'updated_at',
  'logins_count',
  'last_login',
  'search_id',
])
