import { subjectTypes } from '../apis/apis.ts'
import { findSystemApi } from '../apis/store.ts'
import type { Caller } from '../http/management-app.ts'
import { requireHeld } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { findGrantsOn } from './store.ts'

/**
 * For an application that is to be changed or removed, in any member: its secret, keys, authentication method and grant
 * types decide who can become it, its callbacks, origins and connections who gets the tokens of people that log in
 * through it. It holds the scopes of its client grants on the Management API, for itself and for people.
 * @throws ApiError 403 unless the caller holds every management scope that it holds
 */
export function requireMayActOnApplication(db: Db, caller: Caller, clientId: string): Promise<void> {
  return requireMayActOnApplications(db, caller, [clientId])
}

/** The same for several of them. */
export async function requireMayActOnApplications(
  db: Db,
  caller: Caller,
  clientIds: readonly string[],
): Promise<void> {
  const api = await findSystemApi(db)
  const [anyId] = clientIds
  if (!api || anyId === undefined) return
  const all = api.permissions.map(({ value }) => value)
  // Without a need for a grant, every application gets what the people who log in through it hold.
  if (subjectTypes(api).user.policy === 'allow_all') requireHeld(caller, all, { type: 'client', id: anyId })
  for (const { clientId, allowAllScopes, scope } of await findGrantsOn(db, api.id, clientIds))
    requireHeld(caller, allowAllScopes ? all : scope, { type: 'client', id: clientId })
}
