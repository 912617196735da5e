import type { Desired } from './desired.ts'
import type { Names } from './names.ts'
import type { Tenant } from './read-tenant.ts'

/** Members that the server decides, or that are secrets. auth0-deploy-cli leaves out the same. */
const notExported = {
  resourceServers: new Set(['id', 'is_system', 'signing_secret', 'client_id', 'verification_key']),
  clients: new Set([
    'client_id',
    'client_secret',
    'tenant',
    'global',
    'is_system',
    'signing_keys',
    'callback_url_template',
    'config_route',
    'owners',
    'encryption_key',
  ]),
  clientGrants: new Set(['id', 'is_system']),
  connections: new Set(['id', 'provisioning_ticket_url']),
}
const settingsNotExported = new Set(['sandbox_versions_available'])
const flagsNotExported = new Set([
  'allow_changing_enable_sso',
  'enable_sso',
  'disable_impersonation',
  'remove_stale_idp_attributes',
])

/** The configuration of a tenant as files have it: by name, without ids, secrets and system objects, in a fixed order. */
export function toDesired(tenant: Tenant, names: Names): Desired {
  const grants = tenant.client_grants.flatMap((grant) => {
    const name = names.clientName(grant.client_id)
    return name === undefined || grant.is_system === true ? [] : [grantOf(grant, name)]
  })
  const connections = (isInSection: (strategy: string) => boolean) =>
    byName(
      tenant.connections
        .filter(({ strategy }) => isInSection(strategy))
        .map((connection) => connectionOf(connection, names)),
      ({ name }) => name,
    )
  return {
    tenant: settingsOf(tenant),
    resourceServers: byName(
      tenant.resource_servers.filter(({ is_system: isSystem }) => isSystem !== true).map(apiOf),
      ({ identifier }) => identifier,
    ),
    roles: byName(tenant.roles.filter(({ type }) => type !== 'system').map(roleOf), ({ name }) => name),
    clients: byName(names.clients.map(clientOf), ({ name }) => name),
    clientGrants: byName(grants, (one) => `${one.client_id}\n${one.audience}\n${one.subject_type}`),
    databases: connections((strategy) => strategy === 'auth0'),
    connections: connections((strategy) => strategy !== 'auth0'),
  }
}

/** What is empty is written too: a member that a file does not have is left as it is. */
function apiOf(api: Tenant['resource_servers'][number]) {
  return { identifier: api.identifier, scopes: [], ...without(api, notExported.resourceServers) }
}

function roleOf({ name, description, permissions }: Tenant['roles'][number]) {
  return { name, description: description ?? '', permissions: permissionRefs(permissions) }
}

function grantOf(grant: Tenant['client_grants'][number], name: string) {
  return {
    ...without(grant, notExported.clientGrants),
    client_id: name,
    audience: grant.audience,
    scope: (grant.scope ?? []).toSorted(compare),
    subject_type: grant.subject_type ?? 'client',
  }
}

export function permissionRefs(permissions: Record<string, readonly string[]>) {
  return Object.entries(permissions)
    .toSorted(([one], [other]) => compare(one, other))
    .flatMap(([api, names]) =>
      names.toSorted(compare).map((name) => ({ permission_name: name, resource_server_identifier: api })),
    )
}

function settingsOf({ tenant }: Tenant): NonNullable<Desired['tenant']> {
  const { flags, ...settings } = without(tenant, settingsNotExported)
  return typeof flags === 'object' && flags !== null
    ? { ...settings, flags: without(flags, flagsNotExported) }
    : settings
}

/** Keys of applications are named by ids, which another tenant does not have. */
function clientOf(client: Names['clients'][number]) {
  const { client_authentication_methods: _, ...rest } = without(client, notExported.clients)
  return { ...rest, name: client.name }
}

/** Applications that are left alone are named by their ids, as in auth0-deploy-cli: another server does not have them. */
function connectionOf(connection: Tenant['connections'][number], names: Names) {
  const ids = byName(connection.enabled_clients, (id) => names.sortKey(id))
  const named = ids.flatMap((id) => names.clientName(id) ?? names.ownName(id) ?? [])
  const { realms, ...rest } = without(connection, notExported.connections)
  const isUsualRealm = Array.isArray(realms) && realms.length === 1 && realms[0] === connection.name
  // Auth0 shows the secret.
  const { configuration: _, client_secret: __, ...options } = connection.options
  return {
    ...rest,
    name: connection.name,
    ...(!isUsualRealm && realms !== undefined && { realms }),
    options,
    enabled_clients: [
      ...named.toSorted(compare),
      ...ids.filter((id) => (names.clientName(id) ?? names.ownName(id)) === undefined),
    ],
  }
}

function without(object: object, left: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !left.has(name) && value !== undefined),
  )
}

const byName = <T>(items: readonly T[], nameOf: (item: T) => string) =>
  items.toSorted((one, other) => compare(nameOf(one), nameOf(other)))

/** Not by the language of the machine, so that every machine writes the same file. */
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
