import type { Context } from '../context.ts'
import { randomAlphanumeric } from '../crypto/random.ts'
import { recordChange } from '../store/changes.ts'
import { insertGrant } from './grants-store.ts'

export { findClientGrant } from './grants-store.ts'

/** `client`: tokens an application gets for itself. `user`: what it may ask for on behalf of people. */
export type SubjectType = 'client' | 'user'

/** What an application may ask of an API ("client grant"). */
export interface ClientGrant {
  id: string
  clientId: string
  apiId: string
  subjectType: SubjectType
  isSystem: boolean
  /** Permissions of the API, in the order given. */
  scope: string[]
  /** Every permission the API has, now or later; `scope` is empty then. */
  allowAllScopes: boolean
  /** `organization_usage` and what else Auth0's tools send. */
  extra: Record<string, unknown>
  createdAt: number
  updatedAt: number
}

export interface NewClientGrant {
  clientId: string
  apiId: string
  scope?: string[]
  subjectType?: SubjectType
  allowAllScopes?: boolean
  isSystem?: boolean
  extra?: Record<string, unknown>
}

/** @throws a unique violation when this application has one for the API already, a foreign key violation when a permission is not the API's */
export async function createClientGrant(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  given: NewClientGrant,
): Promise<ClientGrant> {
  const now = clock()
  const grant: ClientGrant = {
    id: `cgr_${randomAlphanumeric(16)}`,
    clientId: given.clientId,
    apiId: given.apiId,
    subjectType: given.subjectType ?? 'client',
    isSystem: given.isSystem ?? false,
    scope: given.allowAllScopes ? [] : [...new Set(given.scope)],
    allowAllScopes: given.allowAllScopes ?? false,
    extra: given.extra ?? {},
    createdAt: now,
    updatedAt: now,
  }
  await store.transaction(async (tx) => {
    await insertGrant(tx, grant)
    await recordChange(tx, 'client-grant', grant.id, now)
  })
  return grant
}
