import { randomAlphanumeric } from '../crypto/random.ts'
import { conflict, noSuchClient } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import type { Tx } from '../store/transaction.ts'
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

/** @throws ApiError 409 when the application has one for the API and the subject type, 404 for an unknown application */
export async function createClientGrant(tx: Tx, given: NewClientGrant): Promise<ClientGrant> {
  const grant: ClientGrant = {
    id: `cgr_${randomAlphanumeric(16)}`,
    clientId: given.clientId,
    apiId: given.apiId,
    subjectType: given.subjectType ?? 'client',
    isSystem: given.isSystem ?? false,
    scope: given.allowAllScopes ? [] : [...new Set(given.scope)],
    allowAllScopes: given.allowAllScopes ?? false,
    extra: given.extra ?? {},
    createdAt: tx.now,
    updatedAt: tx.now,
  }
  await mapConstraintError(insertGrant(tx.db, grant), { unique: grantExists, foreignKey: noSuchClient })
  await recordChange(tx, 'client-grant', grant.id)
  return grant
}

const grantExists = () =>
  conflict(
    'A resource with the same client, audience and subject type already exists.',
    'client_grant_conflict',
  )
