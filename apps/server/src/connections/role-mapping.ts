import type { RoleMapping as RoleMappingWire } from '@rolecall/contract'
import { invalidBody } from '../http/api-error.ts'
import { existingRoleIds, findRoleByName } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import type { RoleMapping } from './store.ts'

/** With the ids of the named roles. @throws ApiError 400 for a role that does not exist */
export async function resolveRoleMapping(db: Db, { claim, roles }: RoleMappingWire): Promise<RoleMapping> {
  const ids = new Map<string, string>()
  for (const name of new Set(roles.map(({ role }) => role))) {
    const role = await findRoleByName(db, name)
    if (!role) throw noSuchMappedRole(roles, name)
    ids.set(name, role.id)
  }
  return { claim, roles: roles.map(({ value, role }) => ({ value, roleId: ids.get(role) ?? '' })) }
}

/** With the names that the roles have now. Roles that were deleted are left out. */
export const namedRoleMapping = (
  { claim, roles }: RoleMapping,
  names: ReadonlyMap<string, string>,
): RoleMappingWire => ({
  claim,
  roles: roles.flatMap(({ value, roleId }) => {
    const role = names.get(roleId)
    return role === undefined ? [] : [{ value, role }]
  }),
})

export const noSuchMappedRole = (roles: RoleMappingWire['roles'], name: string) =>
  invalidBody(
    `'There is no role ${name}' on property options.role_mapping.roles.${roles.findIndex(({ role }) => role === name)}.role`,
  )

/** The roles that a mapping can give. */
export const mappedRoleIds = (mapping: RoleMapping | undefined): string[] => [
  ...new Set(mapping?.roles.map(({ roleId }) => roleId)),
]

/**
 * The roles that these claims give: the claim is a string or a list of strings, and values are compared exactly. Roles
 * that were deleted are left out.
 * @param claims of the ID token and the userinfo of the provider, or the profile at GitHub
 * @returns ids, each once
 */
export async function rolesGivenBy(
  db: Db,
  mapping: RoleMapping | undefined,
  claims: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  if (!mapping) return []
  const claim = Object.hasOwn(claims, mapping.claim) ? claims[mapping.claim] : undefined
  const values = new Set<unknown>(Array.isArray(claim) ? claim : [claim])
  const ids = mapping.roles.flatMap(({ value, roleId }) => (values.has(value) ? [roleId] : []))
  return [...(await existingRoleIds(db, [...new Set(ids)]))]
}
