import { findSystemApi } from '../apis/store.ts'
import { subjectTypes } from '../apis/subject-types.ts'
import type { Caller } from '../http/management-app.ts'
import { requireHeld } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { findClientGrant } from './grants.ts'

/**
 * For an application that is to be changed or removed, in any member: its secret, keys, authentication method and grant
 * types decide who can become it, its callbacks, origins and connections who gets the tokens of people that log in
 * through it.
 * @throws ApiError 403 unless the caller holds every management scope that it holds
 */
export async function requireMayActOnApplication(db: Db, caller: Caller, clientId: string): Promise<void> {
  requireHeld(caller, await managementScopesOf(db, clientId), { type: 'client', id: clientId })
}

/** What it may get for itself, and what it may ask people for. */
async function managementScopesOf(db: Db, clientId: string): Promise<string[]> {
  const api = await findSystemApi(db)
  if (!api) return []
  const grants = [
    await findClientGrant(db, clientId, api.id, 'client'),
    await findClientGrant(db, clientId, api.id, 'user'),
  ]
  // Without a need for a grant, every application gets what the people who log in through it hold.
  const anyForPeople = subjectTypes(api).user.policy === 'allow_all'
  if (anyForPeople || grants.some((grant) => grant?.allowAllScopes))
    return api.permissions.map(({ value }) => value)
  return [...new Set(grants.flatMap((grant) => grant?.scope ?? []))]
}
