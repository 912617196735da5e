import {
  type EffectivePermission,
  type PermissionRefs,
  pictureUrl,
  type RolePermission,
  type RoleUser,
  type UserPermission,
  type Role as WireRole,
} from '@rolecall/contract'
import type { PermissionRef } from '../apis/permission-refs.ts'
import type { Member, NamedPermission, RoleOrder, SourcedPermission } from './lists.ts'
import type { Role } from './store.ts'

export function roleToWire({ id, name, description, isSystem }: Role): WireRole {
  return { id, name, description, type: isSystem ? 'system' : 'tenant' }
}

/** @param sort which the schema of the query has checked */
export function roleOrderFromWire(sort = 'name:1'): RoleOrder {
  const [name, order] = sort.split(':')
  const by = name === 'users' || name === 'permissions' ? name : 'name'
  return { by, descending: order === '-1' }
}

export function memberToWire(member: Member, issuer: string): RoleUser {
  const { userId, email, name } = member
  return { user_id: userId, email, name, picture: pictureUrl(issuer, member) }
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
