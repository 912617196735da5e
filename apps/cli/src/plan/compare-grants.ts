import { UsageError } from '../errors.ts'
import { type DesiredGrant, grantKey } from '../tenant/desired.ts'
import { localAudience } from '../tenant/names.ts'
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

type Grant = Tenant['client_grants'][number]
const ignored = new Set(['id', 'client_id', 'audience', 'subject_type', 'scope', 'is_system', 'default_for'])

export function compareGrants(input: ComparisonInput, ids: ReadonlyMap<string, string>): Comparison {
  const { tenant, desired, names, deletes } = input
  const part = emptyComparison()
  if (!desired.clientGrants) return part
  const current = new Map(tenant.client_grants.map((grant) => [grantKey(grant), grant]))
  const inFiles = new Set<string>()
  for (const given of desired.clientGrants) {
    const wanted = resolve(given, input, ids)
    if (wanted === undefined) {
      part.warnings.push(`the grant of ${given.client_id} is left out: the application is left alone`)
      continue
    }
    const key = grantKey(wanted)
    inFiles.add(key)
    const existing = current.get(key)
    if (existing) update(part, existing, wanted, nameOf(given))
    else create(part, wanted, nameOf(given))
  }
  const stays = new Set(ids.values())
  for (const grant of tenant.client_grants) {
    const name = names.clientName(grant.client_id)
    // The grants of an application are deleted with it.
    if (name === undefined || !stays.has(grant.client_id) || inFiles.has(grantKey(grant))) continue
    const shown = nameOf({ ...grant, client_id: name })
    remove(part, { type: 'client_grant', name: shown, path: path`/client-grants/${grant.id}` }, deletes)
  }
  return part
}

/**
 * With the id of the application, and the API as this tenant has it.
 * @returns undefined for an application that is left alone
 * @throws UsageError for an unknown application, API or permission
 */
function resolve(
  grant: DesiredGrant,
  { tenant, names, declared, issuer }: ComparisonInput,
  ids: ReadonlyMap<string, string>,
): DesiredGrant | undefined {
  const audience = localAudience(grant.audience, new Set(declared.keys()), issuer)
  const known = names.clientId(grant.client_id)
  const id =
    ids.get(grant.client_id) ?? (known !== undefined && [...ids.values()].includes(known) ? known : undefined)
  if (id === undefined) {
    const isLeftAlone = tenant.clients.some(
      (one) => names.untouched.has(one.client_id) && [one.name, one.client_id].includes(grant.client_id),
    )
    if (isLeftAlone) return undefined
    throw new UsageError(`clientGrants: there is no application ${grant.client_id}.`)
  }
  const permissions = declared.get(audience)
  if (!permissions)
    throw new UsageError(`clientGrants: there is no API ${audience}, which ${grant.client_id} is granted.`)
  const unknown = (grant.scope ?? []).filter((value) => !permissions.has(value))
  if (unknown.length > 0)
    throw new UsageError(
      `clientGrants: ${grant.client_id} has ${unknown[0]} of ${audience}, which the API does not declare.`,
    )
  return { ...grant, client_id: id, audience }
}

function nameOf({
  client_id: name,
  audience,
  subject_type: type,
}: Pick<DesiredGrant, 'client_id' | 'audience' | 'subject_type'>) {
  return `${name} → ${audience}${type === 'user' ? ' (for users)' : ''}`
}

function create(part: Comparison, wanted: DesiredGrant, name: string): void {
  const { client_id, audience, subject_type: type, scope } = wanted
  const body = {
    ...bodyOf(wanted, ignored),
    client_id,
    audience,
    scope: scope ?? [],
    ...(type && { subject_type: type }),
  }
  part.changes.push({ method: 'POST', path: '/client-grants', body })
  part.differences.push(difference('client_grant', 'create', name, { added: scope ?? [] }))
}

function update(part: Comparison, existing: Grant, wanted: DesiredGrant, name: string): void {
  const { body, members } = compareMembers({ allow_all_scopes: false, ...existing }, wanted, { ignored })
  const held = existing.scope ?? []
  const scope = wanted.scope ?? held
  const added = scope.filter((value) => !held.includes(value))
  const removed = held.filter((value) => !scope.includes(value))
  const isWhole = wanted['allow_all_scopes'] === true
  const changesScope = !isWhole && added.length + removed.length > 0
  if (members.length === 0 && !changesScope) return
  part.changes.push({
    method: 'PATCH',
    path: path`/client-grants/${existing.id}`,
    body: { ...body, ...((changesScope || 'allow_all_scopes' in body) && !isWhole && { scope }) },
  })
  part.differences.push(
    difference('client_grant', 'update', name, { members, ...(!isWhole && { added, removed }) }),
  )
}
