import { UsageError } from '../errors.ts'
import type { DesiredRole } from '../tenant/desired.ts'
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
import { isSame, type MemberChange } from './members.ts'

type Role = Tenant['roles'][number]
interface Ref {
  permission_name: string
  resource_server_identifier: string
}

/** What the server takes in one request. */
const permissionsPerRequest = 1_000

export function compareRoles(input: ComparisonInput): Comparison {
  const { tenant, desired, deletes } = input
  const part = emptyComparison()
  if (!desired.roles) return part
  const current = new Map(tenant.roles.map((role) => [keyOf(role), role]))
  for (const [index, wanted] of desired.roles.entries()) {
    const existing = current.get(keyOf(wanted))
    if (existing?.type === 'system')
      throw new UsageError(`roles: ${existing.name} is kept by the system and cannot be changed.`)
    const refs = wantedRefs(wanted, input)
    if (existing) update(part, existing, wanted, refs, input)
    else create(part, `new:role-${index}`, wanted, refs)
  }
  const inFiles = new Set(desired.roles.map(keyOf))
  for (const role of tenant.roles)
    if (role.type !== 'system' && !inFiles.has(keyOf(role)))
      remove(part, { type: 'role', name: role.name, path: path`/roles/${role.id}` }, deletes)
  return part
}

/** The server takes names that differ in case for one name. */
const keyOf = ({ name }: { name: string }) => name.normalize('NFKC').toLowerCase()

/** @throws UsageError for a permission that no API declares */
function wantedRefs({ name, permissions }: DesiredRole, { declared, issuer }: ComparisonInput): Ref[] {
  const known = new Set(declared.keys())
  return (permissions ?? []).map((ref) => {
    const api = localAudience(ref.resource_server_identifier, known, issuer)
    if (!declared.get(api)?.has(ref.permission_name))
      throw new UsageError(
        `roles: ${name} has ${ref.permission_name} of ${api}, which the API does not declare.`,
      )
    return { permission_name: ref.permission_name, resource_server_identifier: api }
  })
}

function create(
  part: Comparison,
  as: string,
  { name, description }: DesiredRole,
  refs: readonly Ref[],
): void {
  part.changes.push({
    method: 'POST',
    path: '/roles',
    as,
    body: { name, ...(description && { description }) },
  })
  pushPermissions(part, 'POST', as, refs)
  part.differences.push(difference('role', 'create', name, { added: refs.map(textOf) }))
}

function update(
  part: Comparison,
  existing: Role,
  { name, description, permissions }: DesiredRole,
  refs: readonly Ref[],
  { declared }: ComparisonInput,
): void {
  const members: MemberChange[] = []
  if (name !== existing.name) members.push({ member: 'name', before: existing.name, after: name })
  if (description !== undefined && !isSame(existing.description || undefined, description || undefined))
    members.push({ member: 'description', before: existing.description, after: description ?? '' })
  const body = Object.fromEntries(members.map(({ member, after }) => [member, after]))
  if (members.length > 0) part.changes.push({ method: 'PATCH', path: path`/roles/${existing.id}`, body })

  const held = Object.entries(existing.permissions).flatMap(([api, names]) =>
    names.map((permission) => ({ permission_name: permission, resource_server_identifier: api })),
  )
  const heldTexts = new Set(held.map(textOf))
  const wantedTexts = new Set(refs.map(textOf))
  const added = refs.filter((ref) => !heldTexts.has(textOf(ref)))
  const removed = permissions ? held.filter((ref) => !wantedTexts.has(textOf(ref))) : []
  // A permission that its API loses is taken from the role with it.
  const isDeclared = (ref: Ref) => declared.get(ref.resource_server_identifier)?.has(ref.permission_name)
  pushPermissions(part, 'POST', existing.id, added)
  pushPermissions(part, 'DELETE', existing.id, removed.filter(isDeclared))
  if (members.length + added.length + removed.length === 0) return
  const texts = { added: added.map(textOf), removed: removed.map(textOf) }
  part.differences.push(difference('role', 'update', existing.name, { members, ...texts }))
}

function pushPermissions(
  part: Comparison,
  method: 'POST' | 'DELETE',
  id: string,
  refs: readonly Ref[],
): void {
  for (let start = 0; start < refs.length; start += permissionsPerRequest) {
    const permissions = refs.slice(start, start + permissionsPerRequest)
    part.changes.push({ method, path: path`/roles/${id}/permissions`, body: { permissions } })
  }
}

const textOf = (ref: Ref) => `${ref.permission_name} of ${ref.resource_server_identifier}`
