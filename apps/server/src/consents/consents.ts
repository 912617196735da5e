import { randomHex } from '../crypto/secrets.ts'
import { notFound } from '../http/api-error.ts'
import { endApplicationAccess } from '../sessions/store.ts'
import { mark } from '../store/marks.ts'
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
export async function deleteConsentAndAccess(tx: Tx, { id, userId, clientId }: Consent): Promise<void> {
  await deleteConsent(tx.db, id)
  await endAccess(tx, userId, [clientId])
}

/** Deletes all consents of a user, as `deleteConsentAndAccess`. */
export async function deleteConsentsOfUser(tx: Tx, userId: string): Promise<void> {
  await endAccess(tx, userId, await deleteConsentsOf(tx.db, userId))
}

async function endAccess(tx: Tx, userId: string, clientIds: readonly string[]): Promise<void> {
  await endApplicationAccess(tx.db, userId, clientIds)
  for (const application of new Set(clientIds))
    mark(tx, { effect: 'loss', reason: 'session', subject: userId, application })
}
