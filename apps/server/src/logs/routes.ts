import { listOf, log, logListQuery } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { invalidQuery, notFound } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { paged, pickFields } from '../http/paging.ts'
import { isPostgres } from '../store/migrations/column-types.ts'
import { listLogs } from './lists.ts'
import { parseLogSearch } from './search-fields.ts'
import { findLog, type LogRecord } from './store.ts'
import { logToWire } from './wire.ts'

/** As in Auth0, pages by number end here. `from` continues at the same cost at any depth. */
const maxEntriesByPage = 1_000
const defaultTake = 50

/**
 * The log, newest first. With `from` (the id of an entry, or empty for the beginning) and `take`, entries come oldest
 * first in a bare array, which log collectors expect.
 */
export function logRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['logs']

  app.get(
    '/logs',
    {
      config: { scope: ['read:logs'] },
      schema: {
        tags,
        summary: 'List log entries',
        querystring: logListQuery,
        response: { 200: listOf('logs', log.partial()) },
      },
    },
    async ({ query }) => {
      const { from, take, page = 0, per_page = 50, sort } = query
      const search = parseLogSearch(query.q ?? query.search ?? '', isPostgres(db))
      const show = (record: LogRecord) => pickFields(logToWire(record), query)
      if (from !== undefined || take !== undefined) {
        const after = from ? { after: [from] } : {}
        const following = listLogs(db, { search, oldestFirst: true })
        return (await following.slice({ ...after, offset: 0, limit: take ?? defaultTake })).map(show)
      }
      if (page * per_page > maxEntriesByPage)
        throw invalidQuery(
          `'Pages end at ${maxEntriesByPage} entries: go on with from and take' on property page.`,
        )
      return paged('logs', query, listLogs(db, { search, oldestFirst: sort === 'date:1' }), show, true)
    },
  )

  app.get(
    '/logs/:id',
    {
      config: { scope: ['read:logs'] },
      schema: {
        tags,
        summary: 'Get a log entry',
        params: z.object({ id: z.string().min(1).max(100) }),
        response: { 200: log },
      },
    },
    async ({ params }) => {
      const record = await findLog(db, params.id)
      if (!record) throw notFound('The log entry does not exist', 'inexistent_log')
      return logToWire(record)
    },
  )
}
