import { resourceServerCreate } from '@rolecall/contract'
import type { DesiredApi } from '../tenant/desired.ts'
import type { Tenant } from '../tenant/read-tenant.ts'
import {
  type Comparison,
  type ComparisonInput,
  difference,
  emptyComparison,
  path,
  remove,
} from './comparison.ts'
import { bodyOf, compareMembers } from './members.ts'

type Api = Tenant['resource_servers'][number]

const ignored = new Set(['id', 'identifier', 'scopes', 'is_system', 'client_id', 'signing_secret'])
const known = new Set(Object.keys(resourceServerCreate.shape))

export function compareApis({ tenant, desired, deletes }: ComparisonInput): Comparison {
  const part = emptyComparison()
  if (!desired.resourceServers) return part
  const current = new Map(tenant.resource_servers.map((api) => [api.identifier, api]))
  for (const given of desired.resourceServers) {
    const existing = current.get(given.identifier)
    if (existing?.is_system === true || given['is_system'] === true) {
      part.warnings.push(`the API ${given.identifier} is kept by the system, and is left out`)
      continue
    }
    const wanted = tenant.rolecall ? knownMembers(given, part) : given
    if (existing) update(part, existing, wanted)
    else create(part, wanted)
  }
  const inFiles = new Set(desired.resourceServers.map(({ identifier }) => identifier))
  for (const { id, identifier, is_system: isSystem } of tenant.resource_servers)
    if (!inFiles.has(identifier) && isSystem !== true)
      remove(part, { type: 'api', name: identifier, path: path`/resource-servers/${id}` }, deletes)
  return part
}

/** Rolecall stores no member of an API that it does not know. */
function knownMembers(api: DesiredApi, part: Comparison): DesiredApi {
  const unknown = Object.keys(api).filter((name) => !known.has(name) && !ignored.has(name))
  for (const name of unknown)
    part.warnings.push(`${name} of the API ${api.identifier} is not known to the server, and is left out`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only members that are not known are left out.
  return Object.fromEntries(Object.entries(api).filter(([name]) => !unknown.includes(name))) as DesiredApi
}

function create(part: Comparison, wanted: DesiredApi): void {
  const { identifier, scopes } = wanted
  const body = { ...bodyOf(wanted, ignored), identifier, ...(scopes && { scopes: scopes.map(scopeOf) }) }
  part.changes.push({ method: 'POST', path: '/resource-servers', body })
  const added = scopes?.map(({ value }) => value) ?? []
  part.differences.push(difference('api', 'create', identifier, { added }))
}

function update(part: Comparison, existing: Api, wanted: DesiredApi): void {
  const { body, members } = compareMembers(existing, wanted, { ignored })
  const { scopes } = wanted
  const before = new Map((existing.scopes ?? []).map(({ value, description }) => [value, description ?? '']))
  const after = new Map((scopes ?? []).map(({ value, description }) => [value, description ?? '']))
  const added = [...after.keys()].filter((value) => !before.has(value))
  const removed = scopes ? [...before.keys()].filter((value) => !after.has(value)) : []
  const described = [...after].filter(([value, text]) => before.has(value) && before.get(value) !== text)
  for (const [value, text] of described)
    members.push({ member: `description of ${value}`, before: before.get(value), after: text })
  const changesScopes = scopes && added.length + removed.length + described.length > 0
  if (members.length === 0 && !changesScopes) return
  part.changes.push({
    method: 'PATCH',
    path: path`/resource-servers/${existing.id}`,
    body: { ...body, ...(changesScopes && { scopes: scopes.map(scopeOf) }) },
  })
  part.differences.push(difference('api', 'update', existing.identifier, { members, added, removed }))
}

const scopeOf = ({ value, description }: NonNullable<DesiredApi['scopes']>[number]) => ({
  value,
  description: description ?? '',
})
