import type { ConnectionWire } from '@rolecall/contract'
import type { Db } from '../store/store.ts'
import { type Connection, enabledApplicationsByConnection } from './store.ts'

/** @returns what converts a connection to the wire, with the applications that are enabled now */
export async function connectionPresenter(db: Db): Promise<(connection: Connection) => ConnectionWire> {
  const enabled = await enabledApplicationsByConnection(db)
  return ({ id, name, strategy, options, extra }) => ({
    is_domain_connection: false,
    realms: [name],
    ...extra,
    id,
    name,
    strategy,
    options,
    enabled_clients: enabled.get(id) ?? [],
  })
}
