import type { PreviewRequest } from '@rolecall/contract'
import { segment } from '../api/management-api.ts'
import type { PermissionRef } from './roles.ts'

/** The request of a change, as a preview takes it. */
export type PlannedChange = PreviewRequest['changes'][number]

const user = (id: string) => `/users/${segment(id)}`
const role = (id: string) => `/roles/${segment(id)}`
const api = (id: string) => `/resource-servers/${segment(id)}`
const grant = (id: string) => `/client-grants/${segment(id)}`

/** The changes that take something away. A question about one of them shows its effect. */
export const removals = {
  rolesOfUser: (id: string, roles: string[]): PlannedChange => ({
    method: 'DELETE',
    path: `${user(id)}/roles`,
    body: { roles },
  }),
  permissionsOfUser: (id: string, permissions: PermissionRef[]): PlannedChange => ({
    method: 'DELETE',
    path: `${user(id)}/permissions`,
    body: { permissions },
  }),
  blockUser: (id: string): PlannedChange => ({ method: 'PATCH', path: user(id), body: { blocked: true } }),
  user: (id: string): PlannedChange => ({ method: 'DELETE', path: user(id) }),
  permissionsOfRole: (id: string, permissions: PermissionRef[]): PlannedChange => ({
    method: 'DELETE',
    path: `${role(id)}/permissions`,
    body: { permissions },
  }),
  role: (id: string): PlannedChange => ({ method: 'DELETE', path: role(id) }),
  /** @param body what changes, such as the permissions that are left */
  changeApi: (id: string, body: object): PlannedChange => ({ method: 'PATCH', path: api(id), body }),
  api: (id: string): PlannedChange => ({ method: 'DELETE', path: api(id) }),
  narrowGrant: (id: string, scope: string[]): PlannedChange => ({
    method: 'PATCH',
    path: grant(id),
    body: { scope },
  }),
  grant: (id: string): PlannedChange => ({ method: 'DELETE', path: grant(id) }),
  /** @param grant_types those that are left */
  grantTypes: (id: string, grant_types: string[]): PlannedChange => ({
    method: 'PATCH',
    path: `/clients/${segment(id)}`,
    body: { grant_types },
  }),
  connection: (id: string): PlannedChange => ({ method: 'DELETE', path: `/connections/${segment(id)}` }),
  application: (id: string): PlannedChange => ({ method: 'DELETE', path: `/clients/${segment(id)}` }),
}
