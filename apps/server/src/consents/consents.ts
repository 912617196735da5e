import { randomHex } from '../crypto/random.ts'
import { notFound } from '../http/api-error.ts'
import { endApplicationAccess } from '../sessions/store.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { addConsent, deleteConsent, deleteConsentsOf, findConsentById } from './store.ts'

/** For whom, to which application and on which API; without an API only OpenID Connect scopes were requested. */
export interface ConsentKey {
  userId: string
  clientId: string
  apiId?: string | undefined
}

/** What a user allows an application to request on an API, until it is taken back. */
export interface Consent extends ConsentKey {
  id: string
  /** Scopes of OpenID Connect and permissions of the API. */
  scope: string[]
}

export interface NewConsent extends ConsentKey {
  protocolScopes: readonly string[]
  /** Those of the API: they leave the consent when the API no longer has them. */
  permissions: readonly string[]
}

export async function recordConsent({ db, now }: Tx, consent: NewConsent): Promise<void> {
  await addConsent(db, randomHex(24), consent, now)
}

/** @throws ApiError 404 */
export async function requireConsent(db: Db, id: string): Promise<Consent> {
  const consent = await findConsentById(db, id)
  if (!consent) throw notFound('The grant does not exist', 'inexistent_grant')
  return consent
}

/**
 * Deletes a consent. All refresh tokens and codes that the application has for the user end, those for other APIs too:
 * one refresh token may serve several APIs.
 */
export async function takeBackConsent({ db }: Tx, { id, userId, clientId }: Consent): Promise<void> {
  await deleteConsent(db, id)
  await endApplicationAccess(db, userId, [clientId])
}

/** Deletes all consents of a user, as `takeBackConsent`. */
export async function takeBackConsentsOf({ db }: Tx, userId: string): Promise<void> {
  await endApplicationAccess(db, userId, await deleteConsentsOf(db, userId))
}
