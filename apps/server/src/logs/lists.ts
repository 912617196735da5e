import { setImmediate } from 'node:timers/promises'
import type { ChangeDescription } from '@rolecall/contract'
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

const entriesPerRead = 500

/**
 * The entries about an object, newest first. Entries of versions without an index of objects are not found.
 * @param newerThan the id of an entry: older ones are not read
 * @param except changes whose entries are left out
 */
export async function* logsAbout(
  db: Db,
  targetId: string,
  {
    newerThan = '',
    except = [],
  }: { newerThan?: string | undefined; except?: readonly ChangeDescription[] | undefined },
): AsyncGenerator<LogRecord> {
  let before: string | undefined
  for (;;) {
    const targets = await db
      .selectFrom('log_targets')
      .select('log_id')
      .where('target_id', '=', targetId)
      .where('log_id', '>', newerThan)
      .$if(before !== undefined, (query) => query.where('log_id', '<', String(before)))
      .orderBy('log_id', 'desc')
      .limit(entriesPerRead)
      .execute()
    const ids = targets.map(({ log_id }) => log_id)
    if (ids.length === 0) return
    const rows = await db
      .selectFrom('logs')
      .selectAll()
      .where('log_id', 'in', ids)
      .$if(except.length > 0, (query) => query.where('description', 'not in', except))
      .orderBy('log_id', 'desc')
      .execute()
    for (const row of rows) yield fromRow(row)
    if (ids.length < entriesPerRead) return
    before = ids.at(-1)
    // The file store reads in this thread. Other requests have their turn.
    await setImmediate()
  }
}
