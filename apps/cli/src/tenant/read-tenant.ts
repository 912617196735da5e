import { type Configuration, configuration, connectionStrategies, rolePermission } from '@rolecall/contract'
import { z } from 'zod'
import { type Management, ManagementError } from '../management/management.ts'

/** The configuration of a tenant as it is, with ids. */
export interface Tenant
  extends Pick<
    Configuration,
    'resource_servers' | 'roles' | 'clients' | 'client_grants' | 'connections' | 'tenant'
  > {
  /** Absent for a server without lists of changes, such as Auth0. */
  rolecall?: Pick<Configuration, 'version' | 'last_applied' | 'drift'>
}

/** Reads the configuration: in one request where the server has it, otherwise list by list. */
export async function readTenant(management: Management): Promise<Tenant> {
  try {
    const { version, last_applied, drift, ...content } = await management.get(
      '/authorization/configuration',
      configuration,
    )
    return { ...content, rolecall: { version, last_applied, drift } }
  } catch (error) {
    if (error instanceof ManagementError && error.status === 404) return readLists(management)
    throw error
  }
}

const api = z.looseObject({ id: z.string(), name: z.string().default(''), identifier: z.string() })
const role = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  type: z.enum(['tenant', 'system']).default('tenant'),
})
const client = z.looseObject({ client_id: z.string(), name: z.string() })
const connection = z.looseObject({ id: z.string(), name: z.string(), strategy: z.string() })
const grant = z.looseObject({ id: z.string(), client_id: z.string(), audience: z.string() })

/** Auth0's answers have more values than Rolecall's schemas accept, and are not parsed with them. */
async function readLists(management: Management): Promise<Tenant> {
  const roles = []
  for (const { id, ...rest } of await management.list('/roles', 'roles', role)) {
    const held = await management.list(`/roles/${id}/permissions`, 'permissions', rolePermission)
    const byApi = Map.groupBy(held, (one) => one.resource_server_identifier)
    const permissions = [...byApi].map(([name, list]) => [
      name,
      list.map(({ permission_name: permission }) => permission).toSorted(),
    ])
    roles.push({ ...rest, id, permissions: Object.fromEntries(permissions) })
  }
  const connections = []
  for (const strategy of connectionStrategies)
    for (const found of await management.list('/connections', 'connections', connection, { strategy })) {
      const enabled = await enabledClients(management, found)
      connections.push({
        options: {},
        realms: [found.name],
        is_domain_connection: false,
        ...found,
        enabled_clients: enabled,
      })
    }
  const tenant = {
    resource_servers: await management.list('/resource-servers', 'resource_servers', api),
    roles,
    clients: await management.list('/clients', 'clients', client, { is_global: 'false' }),
    client_grants: await management.list('/client-grants', 'client_grants', grant),
    connections,
    tenant: await management.get('/tenants/settings', z.looseObject({})),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members that are read are checked above.
  return tenant as unknown as Tenant
}

/** Newer tenants have the applications of a connection in a list of its own. */
async function enabledClients(management: Management, found: z.output<typeof connection>): Promise<string[]> {
  const listed = z.array(z.string()).safeParse(found['enabled_clients'])
  if (listed.success) return listed.data
  const ids: string[] = []
  let from: string | undefined
  do {
    const page = await management.get(
      `/connections/${found.id}/clients`,
      z.looseObject({ clients: z.array(z.object({ client_id: z.string() })), next: z.string().optional() }),
      { take: 100, ...(from !== undefined && { from }) },
    )
    ids.push(...page.clients.map(({ client_id: id }) => id))
    from = page.next
  } while (from !== undefined)
  return ids
}
