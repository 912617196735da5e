import { createApi, type NewApi } from '../apis/apis.ts'
import type { Api } from '../apis/store.ts'
import type { Sealer } from '../crypto/sealer.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import type { Role } from '../roles/store.ts'
import type { Tx } from '../store/transaction.ts'
import { tutorial } from './tutorial.ts'

/** Creates the tutorial's API with RBAC, its permission, and the role that holds it. */
export async function createTutorialRole(
  tx: Tx,
  sealer: Sealer,
  more: Partial<NewApi> = {},
): Promise<{ api: Api; role: Role }> {
  const api = await createApi(tx, sealer, {
    ...tutorial.api,
    permissions: [tutorial.permission],
    enforcePolicies: true,
    tokenDialect: 'access_token_authz',
    allowOfflineAccess: true,
    ...more,
  })
  const role = await createRole(tx, tutorial.role)
  await addPermissionsToRole(tx, role.id, [{ api: api.identifier, permission: tutorial.permission.value }])
  return { api, role }
}
