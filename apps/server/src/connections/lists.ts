import type { Listing } from '../http/paging.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { type Connection, fromRow } from './store.ts'

export interface ConnectionFilter {
  name?: string | undefined
  strategies?: string[] | undefined
  /** Only connections that this application is enabled on. */
  clientId?: string | undefined
}

/** Connections that pass the filter, in the order of their names. */
export function listConnections(db: Db, filter: ConnectionFilter): Listing<Connection> {
  let chosen = db.selectFrom('connections')
  if (filter.name !== undefined) chosen = chosen.where('name', '=', filter.name)
  if (filter.strategies) chosen = chosen.where('strategy', 'in', filter.strategies)
  if (filter.clientId !== undefined)
    chosen = chosen.where(
      'id',
      'in',
      db
        .selectFrom('connection_applications')
        .select('connection_id')
        .where('client_id', '=', filter.clientId),
    )
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) => query.where('name', '>', String(after?.[0])))
        .orderBy('name')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    count: () => countRows(chosen),
    cursor: ({ name }) => [name],
  }
}

/** The client ids that are enabled on a connection, sorted. */
export function listEnabledApplications(db: Db, connectionId: string): Listing<string> {
  const chosen = db.selectFrom('connection_applications').where('connection_id', '=', connectionId)
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .select('client_id')
        .$if(after !== undefined, (query) => query.where('client_id', '>', String(after?.[0])))
        .orderBy('client_id')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map((row) => row.client_id)
    },
    count: () => countRows(chosen),
    cursor: (clientId) => [clientId],
  }
}
