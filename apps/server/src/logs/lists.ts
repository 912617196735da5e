import type { Listing } from '../http/paging.ts'
import type { Condition } from '../search/conditions.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromRow, type LogRecord } from './store.ts'

export interface LogFilter {
  userId?: string | undefined
  type?: string
  search?: Condition | undefined
  /** Entries whose ids are lower. */
  before?: string
  /** Default: newest first. */
  oldestFirst?: boolean
}

/** Entries by time, which is the order of their ids. */
export function listLogs(
  db: Db,
  { userId, type, search, before, oldestFirst = false }: LogFilter,
): Listing<LogRecord> {
  let chosen = db.selectFrom('logs')
  if (userId !== undefined) chosen = chosen.where('user_id', '=', userId)
  if (type !== undefined) chosen = chosen.where('type', '=', type)
  if (before !== undefined) chosen = chosen.where('log_id', '<', before)
  if (search) chosen = chosen.where(search)
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
    count: () => countRows(chosen),
    cursor: ({ logId }) => [logId],
  }
}
