import type { Api } from '../apis/apis.ts'
import type { Tx } from '../store/transaction.ts'
import { insertRolePermissions } from './role-permissions-store.ts'
import { createRole, type Role } from './roles.ts'
import { findSystemRole } from './store.ts'

export const ownerRoleName = 'owner'

/**
 * The role of those who may do everything in the dashboard: it holds every management scope, also those of later
 * releases. As a system role it can be given and taken, and never edited or deleted.
 */
export async function ensureOwnerRole(tx: Tx, managementApi: Api): Promise<Role> {
  const role =
    (await findSystemRole(tx.db, ownerRoleName)) ??
    (await createRole(tx, {
      name: ownerRoleName,
      description: 'May do everything in this tenant',
      isSystem: true,
    }))
  const all = managementApi.permissions.map(({ value }) => ({ apiId: managementApi.id, permission: value }))
  await insertRolePermissions(tx.db, role.id, all)
  return role
}
