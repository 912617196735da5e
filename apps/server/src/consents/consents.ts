import type { Context } from '../context.ts'
import { randomHex } from '../crypto/random.ts'
import { notFound } from '../http/api-error.ts'
import { endApplicationAccess } from '../sessions/store.ts'
import type { Db } from '../store/store.ts'
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

type Ground = Pick<Context, 'store' | 'clock'>

export async function recordConsent({ store, clock }: Ground, consent: NewConsent): Promise<void> {
  await store.transaction((tx) => addConsent(tx, randomHex(24), consent, clock()))
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
export async function takeBackConsent({ store }: Ground, { id, userId, clientId }: Consent): Promise<void> {
  await store.transaction(async (tx) => {
    await deleteConsent(tx, id)
    await endApplicationAccess(tx, userId, [clientId])
  })
}

/** Deletes all consents of a user, as `takeBackConsent`. */
export async function takeBackConsentsOf({ store }: Ground, userId: string): Promise<void> {
  await store.transaction(async (tx) => {
    await endApplicationAccess(tx, userId, await deleteConsentsOf(tx, userId))
  })
}
