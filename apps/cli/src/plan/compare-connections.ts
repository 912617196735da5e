import { type ConnectionStrategy, connectionStrategies } from '@rolecall/contract'
import type { DesiredConnection } from '../tenant/desired.ts'
import type { Tenant } from '../tenant/read-tenant.ts'
import {
  type Comparison,
  type ComparisonInput,
  difference,
  emptyComparison,
  path,
  remove,
} from './comparison.ts'
import { bodyOf, compareMembers, isObject, isSame } from './members.ts'

type Connection = Tenant['connections'][number]

const ignored = new Set(['id', 'name', 'strategy', 'enabled_clients', 'options', 'provisioning_ticket_url'])
/** Custom databases run scripts, which Rolecall has not. */
const optionsLeftOut = ['configuration', 'customScripts']
const migrationCredentials = new Set(['client_secret', 'management_client_secret', 'authorization'])
/** The secret is kept for this provider and this application alone. */
const namesTheProvider = new Set(['client_id', 'discovery_url', 'issuer'])
/** Methods of the token endpoint that need no secret. */
const withoutSecret = new Set<unknown>(['private_key_jwt', 'none'])

/** Databases, and connections to other providers, which files have in two sections. */
export function compareConnections(input: ComparisonInput, ids: ReadonlyMap<string, string>): Comparison {
  const part = emptyComparison()
  const { databases, connections } = input.desired
  if (databases) compareSection(part, databases, (strategy) => strategy === 'auth0', input, ids)
  if (connections)
    compareSection(part, supported(part, connections), (strategy) => strategy !== 'auth0', input, ids)
  return part
}

function compareSection(
  part: Comparison,
  section: readonly DesiredConnection[],
  isInSection: (strategy: string) => boolean,
  input: ComparisonInput,
  ids: ReadonlyMap<string, string>,
): void {
  const { tenant, deletes } = input
  const current = new Map(tenant.connections.map((connection) => [connection.name, connection]))
  for (const wanted of section) {
    const existing = current.get(wanted.name)
    const enabled = wanted.enabled_clients && enabledIds(part, wanted, existing, input, ids)
    const options = optionsOf(part, wanted)
    if (existing) update(part, { existing, wanted, enabled, options, input, ids })
    else create(part, wanted, enabled, options)
  }
  const inFiles = new Set(section.map(({ name }) => name))
  for (const { id, name, strategy } of tenant.connections)
    if (isInSection(strategy) && !inFiles.has(name))
      remove(part, { type: 'connection', name, path: path`/connections/${id}` }, deletes)
}

/** An export of Auth0 may have connections to providers that Rolecall does not know. */
function supported(part: Comparison, section: readonly DesiredConnection[]): DesiredConnection[] {
  return section.filter(({ name, strategy = '' }) => {
    const isKnown = isProviderStrategy(strategy)
    if (!isKnown)
      part.warnings.push(
        `the connection ${name} has the strategy ${strategy}, which is not supported, and is left out`,
      )
    return isKnown
  })
}

export const isProviderStrategy = (strategy: string): strategy is ConnectionStrategy =>
  strategy !== 'auth0' && connectionStrategies.some((known) => known === strategy)

/** The ids of the applications that a file names. Those that are left alone stay enabled. */
function enabledIds(
  part: Comparison,
  { name, enabled_clients: wanted }: DesiredConnection,
  existing: Connection | undefined,
  { tenant, names }: ComparisonInput,
  ids: ReadonlyMap<string, string>,
): string[] {
  const found = new Set(existing?.enabled_clients.filter((id) => names.untouched.has(id)))
  const untouchedNames = new Set(
    tenant.clients.filter(({ client_id: id }) => names.untouched.has(id)).map((client) => client.name),
  )
  for (const one of wanted ?? []) {
    const id = ids.get(one) ?? names.clientId(one)
    if (id !== undefined) found.add(id)
    else if (!names.untouched.has(one) && !untouchedNames.has(one))
      part.warnings.push(
        `the application ${one}, for which the connection ${name} is enabled, is unknown and is left out`,
      )
  }
  return [...found]
}

function optionsOf(
  part: Comparison,
  { name, options: given }: DesiredConnection,
): Record<string, unknown> | undefined {
  if (!given) return undefined
  const options = withoutCredentials(part, name, given)
  const left = optionsLeftOut.filter(
    (member) => isObject(options[member]) && Object.keys(options[member]).length > 0,
  )
  for (const member of left) part.warnings.push(`${member} of the connection ${name} is left out`)
  return bodyOf(options, new Set(optionsLeftOut))
}

/** Plans are files, and are shown: they have no credentials. The server keeps those that are stored. */
function withoutCredentials(
  part: Comparison,
  name: string,
  { client_secret: secret, lazy_migration: migration, ...options }: Record<string, unknown>,
): Record<string, unknown> {
  const rest = isObject(migration) ? bodyOf(migration, migrationCredentials) : migration
  const hasCredentials =
    typeof secret === 'string' || (isObject(migration) && !isSame(migration, rest) && isObject(rest))
  if (hasCredentials)
    part.warnings.push(
      `the credentials of the connection ${name} are left out, because a plan shows what it contains: set them in the dashboard`,
    )
  return { ...options, ...(migration !== undefined && { lazy_migration: rest }) }
}

/** Says that a log-in will fail until the secret is set. */
function warnOfMissingSecret(
  part: Comparison,
  name: string,
  reason: string,
  options: object | undefined,
): void {
  if (!withoutSecret.has(options && Reflect.get(options, 'token_endpoint_auth_method')))
    part.warnings.push(
      `${reason} the connection ${name} has no client secret: set it in the dashboard, or with PATCH /connections/{id}`,
    )
}

function create(
  part: Comparison,
  wanted: DesiredConnection,
  enabled: string[] | null | undefined,
  options: object | undefined,
): void {
  const { name, strategy = 'auth0' } = wanted
  const body = {
    ...bodyOf(wanted, ignored),
    name,
    strategy,
    ...(options && { options }),
    ...(enabled && { enabled_clients: enabled }),
  }
  part.changes.push({ method: 'POST', path: '/connections', body })
  if (strategy !== 'auth0') warnOfMissingSecret(part, name, 'after this plan', options)
  part.differences.push(
    difference('connection', 'create', name, { added: (wanted.enabled_clients ?? []).toSorted() }),
  )
}

interface Update {
  existing: Connection
  wanted: DesiredConnection
  enabled: string[] | null | undefined
  options: Record<string, unknown> | undefined
  input: ComparisonInput
  ids: ReadonlyMap<string, string>
}

function update(part: Comparison, change: Update): void {
  const { existing, wanted } = change
  const { body, members } = compareMembers(existing, wanted, { ignored })
  updateOptions(part, change, { body, members })
  // Refused by the server, in its words.
  if (wanted.strategy !== undefined && wanted.strategy !== existing.strategy)
    body['strategy'] = wanted.strategy
  const { added, removed } = updateApplications(change, body)
  if (Object.keys(body).length === 0) return
  part.changes.push({ method: 'PATCH', path: path`/connections/${existing.id}`, body })
  if (members.length + added.length + removed.length > 0)
    part.differences.push(difference('connection', 'update', existing.name, { members, added, removed }))
}

function updateOptions(
  part: Comparison,
  { existing, options = {} }: Update,
  { body, members }: ReturnType<typeof compareMembers>,
): void {
  const changed = Object.entries(options).filter(
    ([name, value]) => !isSame(Reflect.get(existing.options, name), value),
  )
  if (changed.length === 0) return
  for (const [name, after] of changed)
    members.push({ member: `options.${name}`, before: Reflect.get(existing.options, name), after })
  const all = { ...existing.options, ...options }
  body['options'] = all
  if (existing.strategy !== 'auth0' && changed.some(([name]) => namesTheProvider.has(name)))
    warnOfMissingSecret(part, existing.name, 'with another provider or client_id,', all)
}

/** @returns the names of the applications that the connection is enabled for from now on, or no more */
function updateApplications({ existing, enabled, input, ids }: Update, body: Record<string, unknown>) {
  if (!enabled) return { added: [], removed: [] }
  const nameOf = (id: string) =>
    input.names.clientName(id) ?? [...ids].find(([, one]) => one === id)?.[0] ?? id
  const added = enabled.filter((id) => !existing.enabled_clients.includes(id)).map(nameOf)
  const removed = existing.enabled_clients.filter((id) => !enabled.includes(id)).map(nameOf)
  // A setting of the tenant enables new applications everywhere.
  const hasNew = [...ids.values()].some((id) => id.startsWith('new:'))
  if (added.length + removed.length > 0 || hasNew) body['enabled_clients'] = enabled
  return { added, removed }
}
