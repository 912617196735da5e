import { type Expression, type ExpressionBuilder, type SqlBool } from 'kysely'
import type { Listing } from '../http/paging.ts'
import type { Database } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { Condition, LogSearch } from './search.ts'
import { fromRow, type LogRecord } from './store.ts'

export interface LogFilter {
  userId?: string | undefined
  search?: LogSearch | undefined
  /** Newest first unless told otherwise. */
  oldestFirst?: boolean
}

/** Entries in the order of time, which is the order of their ids. */
export function logListing(
  db: Db,
  { userId, search = [], oldestFirst = false }: LogFilter,
): Listing<LogRecord> {
  let chosen = db.selectFrom('logs')
  if (userId !== undefined) chosen = chosen.where('user_id', '=', userId)
  if (search.length > 0)
    chosen = chosen.where((eb) => eb.or(search.map((all) => eb.and(all.map((one) => matches(eb, one))))))
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) =>
          query.where('log_id', oldestFirst ? '>' : '<', String(after?.[0])),
        )
        .orderBy('log_id', oldestFirst ? 'asc' : 'desc')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    async count() {
      const { total } = await chosen.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow()
      return Number(total)
    },
    cursor: ({ logId }) => [logId],
  }
}

function matches(
  eb: ExpressionBuilder<Database, 'logs'>,
  { not, columns, test }: Condition,
): Expression<SqlBool> {
  const any = eb.or(
    columns.map((column) => {
      // A column that is NULL matches nothing, and its negation everything.
      const present = eb(column, 'is not', null)
      if ('equals' in test) return eb.and([present, eb(column, '=', test.equals)])
      if ('startsWith' in test)
        return eb.and([
          present,
          eb(column, '>=', test.startsWith),
          eb(column, '<', `${test.startsWith}\u{10ffff}`),
        ])
      return eb.and([
        ...(test.from === undefined ? [] : [eb('date', '>=', test.from)]),
        ...(test.to === undefined ? [] : [eb('date', '<=', test.to)]),
      ])
    }),
  )
  return not ? eb.not(any) : any
}
