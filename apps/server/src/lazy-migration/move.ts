import { existingPermissions, type PermissionRef } from '../apis/permission-refs.ts'
import { findApiIds, systemApiId } from '../apis/store.ts'
import type { Connection } from '../connections/store.ts'
import { assignPermissions, assignRoles } from '../roles/assignments.ts'
import { findRoleByName, permissionsOfRoles, type Role } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import type { User } from '../users/user.ts'
import { createUser } from '../users/users.ts'
import type { OldUser } from './old-user.ts'

export interface Moved {
  user: User
  roles: { taken: string[]; left: string[] }
  permissions: { taken: string[]; left: string[] }
}

/**
 * Creates the user with what the other server said about them.
 *
 * Roles go by their names, permissions by the identifiers of their APIs. Left out are those that do not exist here, and
 * whatever holds a permission on the Management API: only an administrator of this server grants these.
 * @throws ApiError 409 when the id, the address or the user name is taken
 */
export async function moveUser(
  tx: Tx,
  connection: Pick<Connection, 'name'>,
  { profile, roles, permissions }: OldUser,
  passwordHash: string | undefined,
): Promise<Moved> {
  const user = await createUser(tx, {
    ...profile,
    connection: connection.name,
    ...(passwordHash !== undefined && { passwordHash }),
  })
  const managementApi = await systemApiId(tx.db)
  const takenRoles = await grantableRoles(tx.db, roles, managementApi)
  const takenPermissions = await grantablePermissions(tx.db, permissions, managementApi)
  if (takenRoles.size > 0)
    await assignRoles(
      tx,
      user.userId,
      [...takenRoles.values()].map(({ id }) => id),
    )
  if (takenPermissions.length > 0) await assignPermissions(tx, user.userId, takenPermissions)
  return {
    user,
    roles: {
      taken: [...takenRoles.values()].map(({ name }) => name),
      left: roles.filter((name) => !takenRoles.has(name)),
    },
    permissions: {
      taken: takenPermissions.map(({ permission }) => permission),
      left: permissions.filter((ref) => !takenPermissions.includes(ref)).map(({ permission }) => permission),
    },
  }
}

/** By the name that the other server uses. */
async function grantableRoles(
  db: Db,
  names: readonly string[],
  managementApi: string | undefined,
): Promise<Map<string, Role>> {
  const found = new Map<string, Role>()
  for (const name of names) {
    const role = await findRoleByName(db, name)
    if (role && !role.isSystem) found.set(name, role)
  }
  if (managementApi === undefined || found.size === 0) return found
  const ids = [...found.values()].map(({ id }) => id)
  const powerful = await permissionsOfRoles(db, ids, managementApi)
  return new Map([...found].filter(([, { id }]) => !powerful.has(id)))
}

async function grantablePermissions(
  db: Db,
  refs: readonly PermissionRef[],
  managementApi: string | undefined,
): Promise<PermissionRef[]> {
  const apiIds = await findApiIds(db, [...new Set(refs.map(({ api }) => api))])
  const keys = await existingPermissions(db, refs)
  return refs.filter(({ api, permission }) => {
    const id = apiIds.get(api)
    return id !== managementApi && keys.some((key) => key.apiId === id && key.permission === permission)
  })
}
