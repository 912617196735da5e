import { subjectTypes } from '../apis/apis.ts'
import { findSystemApi } from '../apis/store.ts'
import type { Caller } from '../http/management-app.ts'
import { requireHeld } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { findGrantsOn } from './store.ts'

/**
 * For an application of which any member is changed, or that is removed: its secret, keys, authentication method and
 * grant types decide who can authenticate as it, its callbacks, origins and connections who receives the tokens of its
 * users. It holds the scopes of its client grants on the Management API, of either subject type.
 * @throws ApiError 403 unless the caller holds every management scope that it holds
 */
export function requireMayActOnApplication(db: Db, caller: Caller, clientId: string): Promise<void> {
  return requireMayActOnApplications(db, caller, [clientId])
}

/** As `requireMayActOnApplication`, for several applications. */
export async function requireMayActOnApplications(
  db: Db,
  caller: Caller,
  clientIds: readonly string[],
): Promise<void> {
  const api = await findSystemApi(db)
  const [anyId] = clientIds
  if (!api || anyId === undefined) return
  const all = api.permissions.map(({ value }) => value)
  // When no client grant is required, every application can get all scopes of its users.
  if (subjectTypes(api).user.policy === 'allow_all') requireHeld(caller, all, { type: 'client', id: anyId })
  for (const { clientId, allowAllScopes, scope } of await findGrantsOn(db, api.id, clientIds))
    requireHeld(caller, allowAllScopes ? all : scope, { type: 'client', id: clientId })
}
