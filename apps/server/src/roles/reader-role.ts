import type { Api } from '../apis/store.ts'
import type { Tx } from '../store/transaction.ts'
import { createRole } from './roles.ts'
import { findRoleByName, insertRolePermissions } from './store.ts'

export const readerRoleName = 'read-only-admin'

/** Scopes that read secrets. Here no response has the secret of an application, but Auth0's have. */
const secretScopes = new Set(['read:client_keys'])

/**
 * The system role for administrators who may see everything and change nothing. It has the reading scopes of later
 * releases too. A role of the tenant that has the name stays as it is, and then there is no such system role.
 */
export async function ensureReaderRole(tx: Tx, managementApi: Api): Promise<void> {
  const existing = await findRoleByName(tx.db, readerRoleName)
  if (existing && !existing.isSystem) return
  const role =
    existing ??
    (await createRole(tx, {
      name: readerRoleName,
      description: 'May see everything in this tenant and change nothing',
      isSystem: true,
    }))
  const reading = managementApi.permissions
    .map(({ value }) => value)
    .filter((value) => value.startsWith('read:') && !secretScopes.has(value))
  await insertRolePermissions(
    tx.db,
    role.id,
    reading.map((permission) => ({ apiId: managementApi.id, permission })),
  )
}
