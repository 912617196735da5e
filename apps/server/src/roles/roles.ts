import { markPermissions } from '../apis/permission-marks.ts'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { forbidden, noSuchRole, roleExists } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import {
  deleteRoleRow,
  findRole,
  insertRole,
  lockRole,
  permissionKeysOfRoles,
  type Role,
  updateRoleRow,
} from './store.ts'

export interface NewRole {
  name: string
  description?: string
  isSystem?: boolean
}

/** @throws ApiError 409 when another role has this name, in any spelling */
export async function createRole(tx: Tx, input: NewRole): Promise<Role> {
  const role: Role = {
    id: `rol_${randomAlphanumeric(16)}`,
    name: input.name,
    description: input.description ?? '',
    isSystem: input.isSystem ?? false,
  }
  await mapConstraintError(insertRole(tx.db, role, tx.now), { unique: roleExists })
  await recordChange(tx, 'role', role.id)
  return role
}

/** @throws ApiError 404, 409 for a taken name, 403 for a system role */
export async function updateRole(
  tx: Tx,
  id: string,
  changes: { name?: string | undefined; description?: string | undefined },
): Promise<{ before: Role; after: Role }> {
  await lockRole(tx.db, id)
  const before = await editableRole(tx.db, id)
  const after: Role = {
    ...before,
    name: changes.name ?? before.name,
    description: changes.description ?? before.description,
  }
  await mapConstraintError(updateRoleRow(tx.db, before, after, tx.now), { unique: roleExists })
  await recordChange(tx, 'role', id)
  return { before, after }
}

/** Unassigns it from all users. @throws ApiError 404, 403 for a system role */
export async function deleteRole(tx: Tx, id: string): Promise<Role> {
  await lockRole(tx.db, id)
  const role = await editableRole(tx.db, id)
  await markPermissions(tx, 'loss', await permissionKeysOfRoles(tx.db, [id]))
  await deleteRoleRow(tx.db, role)
  await recordChange(tx, 'role', id)
  return role
}

export async function requireRole(db: Db, id: string): Promise<Role> {
  const role = await findRole(db, id)
  if (!role) throw noSuchRole()
  return role
}

export async function editableRole(db: Db, id: string): Promise<Role> {
  const role = await requireRole(db, id)
  if (role.isSystem) throw forbidden(`The role ${role.name} is kept by the system and cannot be changed`)
  return role
}
