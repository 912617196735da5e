import { randomHex } from '../crypto/secrets.ts'
import { notFound } from '../http/api-error.ts'
import { endApplicationAccess } from '../sessions/store.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import {
  addConsent,
  type Consent,
  deleteConsent,
  deleteConsentsOf,
  findConsentById,
  type NewConsent,
} from './store.ts'

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
 * Deletes a consent, with all refresh tokens and codes that the application has for the user, also for other APIs: a
 * refresh token can be for several APIs.
 */
export async function deleteConsentAndAccess({ db }: Tx, { id, userId, clientId }: Consent): Promise<void> {
  await deleteConsent(db, id)
  await endApplicationAccess(db, userId, [clientId])
}

/** Deletes all consents of a user, as `deleteConsentAndAccess`. */
export async function deleteConsentsOfUser({ db }: Tx, userId: string): Promise<void> {
  await endApplicationAccess(db, userId, await deleteConsentsOf(db, userId))
}
