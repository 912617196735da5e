import type { ConnectionWire } from '@rolecall/contract'
import { namesOfRoles } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import { namedRoleMapping } from './role-mapping.ts'
import { type Connection, enabledApplicationsByConnection, hasProviders } from './store.ts'

/** @returns what converts a connection to the wire, with the applications that are enabled now */
export async function connectionPresenter(db: Db): Promise<(connection: Connection) => ConnectionWire> {
  const enabled = await enabledApplicationsByConnection(db)
  const roleNames = (await hasProviders(db)) ? await namesOfRoles(db) : new Map<string, string>()
  return ({ id, name, strategy, options, roleMapping, extra }) => ({
    is_domain_connection: false,
    realms: [name],
    ...extra,
    id,
    name,
    strategy,
    options: { ...options, ...(roleMapping && { role_mapping: namedRoleMapping(roleMapping, roleNames) }) },
    enabled_clients: enabled.get(id) ?? [],
  })
}
