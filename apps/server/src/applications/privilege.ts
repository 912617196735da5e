import { findSystemApi } from '../apis/store.ts'
import type { Caller } from '../http/management-app.ts'
import { requireHeld } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import { findClientGrant, type SubjectType } from './grants.ts'

/**
 * For whoever would learn an application's secret, or set a key of it: they can become it, so they must hold every
 * management scope that it holds. Itself, it may.
 * @throws ApiError 403
 */
export async function requireMayBecome(db: Db, caller: Caller, clientId: string): Promise<void> {
  if (caller.userId === undefined && caller.clientId === clientId) return
  await requireGrantHeld(db, caller, clientId, 'client')
}

/**
 * For whoever would change an application: with a callback of theirs they get the tokens of people who sign in to it,
 * so they must hold every management scope that it may ask people for.
 * @throws ApiError 403
 */
export function requireMayRedirect(db: Db, caller: Caller, clientId: string): Promise<void> {
  return requireGrantHeld(db, caller, clientId, 'user')
}

async function requireGrantHeld(
  db: Db,
  caller: Caller,
  clientId: string,
  subjectType: SubjectType,
): Promise<void> {
  const managementApi = await findSystemApi(db)
  const grant = managementApi && (await findClientGrant(db, clientId, managementApi.id, subjectType))
  if (!grant) return
  requireHeld(
    caller,
    grant.allowAllScopes ? managementApi.permissions.map(({ value }) => value) : grant.scope,
  )
}
