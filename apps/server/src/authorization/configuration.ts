import type { Configuration, configurationTypes } from '@rolecall/contract'
import { listApis } from '../apis/lists.ts'
import { apiIdentifiers } from '../apis/store.ts'
import { toWire } from '../apis/wire.ts'
import { listGrants } from '../applications/lists.ts'
import { allApplications } from '../applications/store.ts'
import { applicationToWire, grantToWire } from '../applications/wire.ts'
import { listConnections } from '../connections/lists.ts'
import { connectionPresenter } from '../connections/wire.ts'
import { sha256 } from '../crypto/secrets.ts'
import { versionOf } from '../http/versions.ts'
import { permissionsByRole } from '../roles/holdings.ts'
import { listRoles } from '../roles/lists.ts'
import { roleToWire } from '../roles/wire.ts'
import type { Db } from '../store/store.ts'
import { tenantSettings } from '../tenant/settings.ts'

type Content = Omit<Configuration, 'version' | 'last_applied' | 'drift'>
type ObjectType = (typeof configurationTypes)[number]

/** The version of one object, with the name that it has. By type and id: `role rol_…`. */
export type ObjectVersions = Map<string, { version: string; name: string }>

const everything = { offset: 0, limit: 1_000_000 }

/** Everything that can be configured, without secrets. */
export async function readConfiguration(db: Db): Promise<Content> {
  const identifiers = await apiIdentifiers(db)
  const identifierOf = (id: string) => identifiers.get(id) ?? ''
  const showConnection = await connectionPresenter(db)
  return {
    resource_servers: (await listApis(db).slice(everything)).map((api) => toWire(api)),
    roles: await readRoles(db, identifierOf),
    clients: (await allApplications(db)).map(applicationToWire),
    client_grants: (await listGrants(db, {}).slice(everything)).map((grant) =>
      grantToWire(grant, identifierOf(grant.apiId)),
    ),
    connections: (await listConnections(db, {}).slice(everything)).map(showConnection),
    tenant: await tenantSettings(db),
  }
}

async function readRoles(db: Db, identifierOf: (apiId: string) => string): Promise<Content['roles']> {
  const roles = await listRoles(db, { sort: { by: 'name', descending: false } }).slice(everything)
  const permissions = await permissionsByRole(
    db,
    roles.map(({ id }) => id),
  )
  return roles.map((role) => {
    const byApi: Record<string, string[]> = {}
    for (const { apiId, permission } of permissions.get(role.id) ?? [])
      (byApi[identifierOf(apiId)] ??= []).push(permission)
    for (const names of Object.values(byApi)) names.sort()
    return Object.assign(roleToWire(role), { permissions: byApi })
  })
}

export function versionsOf(content: Content): ObjectVersions {
  const versions: ObjectVersions = new Map()
  const add = (type: ObjectType, id: string, name: string, object: object) =>
    versions.set(`${type} ${id}`, { version: sha256(versionOf(object)), name })
  for (const api of content.resource_servers) add('api', api.id, api.name, api)
  for (const role of content.roles) add('role', role.id, role.name, role)
  for (const client of content.clients) add('client', client.client_id, client.name, client)
  const clients = new Map(content.clients.map(({ client_id, name }) => [client_id, name]))
  for (const grant of content.client_grants)
    add('client_grant', grant.id, `${clients.get(grant.client_id) ?? ''} → ${grant.audience}`, grant)
  for (const connection of content.connections)
    add('connection', connection.id, connection.name, {
      ...connection,
      enabled_clients: connection.enabled_clients.toSorted(),
    })
  add('tenant', 'settings', content.tenant.friendly_name, content.tenant)
  return versions
}

/** The version of the whole: of every object that a list of changes may touch, or that its effect depends on. */
export function wholeVersion(versions: ObjectVersions): string {
  const lines = [...versions].map(([key, { version }]) => `${key} ${version}`)
  return sha256(lines.toSorted().join('\n'))
}

/** What is different between two times. */
export function driftBetween(before: ObjectVersions, after: ObjectVersions): Configuration['drift'] {
  const drift: Configuration['drift'] = []
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, current] = [before.get(key), after.get(key)]
    if (old?.version === current?.version) continue
    const change = old === undefined ? 'created' : current === undefined ? 'deleted' : 'changed'
    const [type = '', id = ''] = key.split(' ')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `versionsOf` wrote the key.
    drift.push({ type: type as ObjectType, id, name: (current ?? old)?.name ?? '', change })
  }
  return drift
}
