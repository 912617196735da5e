import type { DesiredDatabase } from '../tenant/desired.ts'
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

export function compareDatabases(input: ComparisonInput, ids: ReadonlyMap<string, string>): Comparison {
  const { tenant, desired, deletes } = input
  const part = emptyComparison()
  if (!desired.databases) return part
  const current = new Map(tenant.connections.map((connection) => [connection.name, connection]))
  for (const wanted of desired.databases) {
    const existing = current.get(wanted.name)
    const enabled = wanted.enabled_clients && enabledIds(part, wanted, existing, input, ids)
    const options = optionsOf(part, wanted)
    if (existing) update(part, { existing, wanted, enabled, options, input, ids })
    else create(part, wanted, enabled, options)
  }
  const inFiles = new Set(desired.databases.map(({ name }) => name))
  for (const { id, name, strategy } of tenant.connections)
    if (strategy === 'auth0' && !inFiles.has(name))
      remove(part, { type: 'connection', name, path: path`/connections/${id}` }, deletes)
  return part
}

/** The ids of the applications that a file names. Those that are left alone stay enabled. */
function enabledIds(
  part: Comparison,
  { name, enabled_clients: wanted }: DesiredDatabase,
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
        `the application ${one}, for which the database ${name} is enabled, is unknown and is left out`,
      )
  }
  return [...found]
}

function optionsOf(
  part: Comparison,
  { name, options }: DesiredDatabase,
): Record<string, unknown> | undefined {
  if (!options) return undefined
  const left = optionsLeftOut.filter(
    (member) => isObject(options[member]) && Object.keys(options[member]).length > 0,
  )
  for (const member of left) part.warnings.push(`${member} of the database ${name} is left out`)
  return bodyOf(options, new Set(optionsLeftOut))
}

function create(
  part: Comparison,
  wanted: DesiredDatabase,
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
  part.differences.push(
    difference('connection', 'create', name, { added: (wanted.enabled_clients ?? []).toSorted() }),
  )
}

interface Update {
  existing: Connection
  wanted: DesiredDatabase
  enabled: string[] | null | undefined
  options: Record<string, unknown> | undefined
  input: ComparisonInput
  ids: ReadonlyMap<string, string>
}

function update(part: Comparison, { existing, wanted, enabled, options, input, ids }: Update): void {
  const { body, members } = compareMembers(existing, wanted, { ignored })
  const changedOptions = Object.entries(options ?? {}).filter(
    ([name, value]) => !isSame(Reflect.get(existing.options, name), value),
  )
  for (const [name, after] of changedOptions)
    members.push({ member: `options.${name}`, before: Reflect.get(existing.options, name), after })
  if (changedOptions.length > 0) body['options'] = { ...existing.options, ...options }

  const nameOf = (id: string) =>
    input.names.clientName(id) ?? [...ids].find(([, one]) => one === id)?.[0] ?? id
  const added = (enabled ?? []).filter((id) => !existing.enabled_clients.includes(id)).map(nameOf)
  const removed = enabled ? existing.enabled_clients.filter((id) => !enabled.includes(id)).map(nameOf) : []
  // A setting of the tenant enables new applications everywhere.
  const hasNew = [...ids.values()].some((id) => id.startsWith('new:'))
  if (enabled && (added.length + removed.length > 0 || hasNew)) body['enabled_clients'] = enabled
  if (Object.keys(body).length === 0) return
  part.changes.push({ method: 'PATCH', path: path`/connections/${existing.id}`, body })
  if (members.length + added.length + removed.length > 0)
    part.differences.push(difference('connection', 'update', existing.name, { members, added, removed }))
}
