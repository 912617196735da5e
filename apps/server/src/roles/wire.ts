import {
  type EffectivePermission,
  type EffectiveRole,
  type PermissionRefs,
  pictureUrl,
  type RolePermission,
  type RoleUser,
  type UserPermission,
  type UserRole,
  type Role as WireRole,
  type RoleSources as WireRoleSources,
} from '@rolecall/contract'
import type { PermissionRef } from '../apis/permission-refs.ts'
import type { Member, NamedPermission, RoleOrder, SourcedPermission } from './lists.ts'
import type { RoleSources } from './role-sources.ts'
import type { Role } from './store.ts'

export function roleToWire({ id, name, description, isSystem }: Role): WireRole {
  return { id, name, description, type: isSystem ? 'system' : 'tenant' }
}

export function userRoleToWire(role: Role & RoleSources): UserRole {
  return { ...roleToWire(role), rolecall_sources: sourcesToWire(role) }
}

/** Auth0 calls `groups` what is not assigned to the user. */
export function effectiveRoleToWire(role: Role & RoleSources): EffectiveRole {
  const { id, name, description, direct, connections } = role
  const sources: EffectiveRole['sources'] = []
  if (direct) sources.push('direct')
  if (connections.length > 0) sources.push('groups')
  return { id, name, description, sources }
}

const sourcesToWire = ({ direct, connections }: RoleSources): WireRoleSources => [
  ...(direct ? [{ source_type: 'DIRECT' as const, source_id: '', source_name: '' }] : []),
  ...connections.map(({ id, name }) => ({
    source_type: 'CONNECTION' as const,
    source_id: id,
    source_name: name,
  })),
]

/** @param sort which the schema of the query has checked */
export function roleOrderFromWire(sort = 'name:1'): RoleOrder {
  const [name, order] = sort.split(':')
  const by = name === 'users' || name === 'permissions' ? name : 'name'
  return { by, descending: order === '-1' }
}

export function memberToWire(member: Member & RoleSources, issuer: string): RoleUser {
  const { userId, email, name } = member
  const picture = pictureUrl(issuer, member)
  return { user_id: userId, email, name, picture, rolecall_sources: sourcesToWire(member) }
}

export function permissionToWire(permission: NamedPermission): RolePermission {
  return {
    permission_name: permission.permission,
    description: permission.description,
    resource_server_name: permission.apiName,
    resource_server_identifier: permission.apiIdentifier,
  }
}

export function userPermissionToWire(permission: SourcedPermission): UserPermission {
  return {
    ...permissionToWire(permission),
    sources: permission.sources.map((role) => ({
      source_id: role?.roleId ?? '',
      source_name: role?.roleName ?? '',
      source_type: role ? 'ROLE' : 'DIRECT',
      ...(role && role.connections.length > 0 && { rolecall_sources: sourcesToWire(role) }),
    })),
  }
}

export function effectivePermissionToWire(permission: SourcedPermission): EffectivePermission {
  const kinds = permission.sources.map((role) => (role ? 'role' : 'direct'))
  return { ...permissionToWire(permission), sources: [...new Set(kinds)] }
}

export function refsFromWire({ permissions }: PermissionRefs): PermissionRef[] {
  return permissions.map(({ resource_server_identifier, permission_name }) => ({
    api: resource_server_identifier,
    permission: permission_name,
  }))
}
