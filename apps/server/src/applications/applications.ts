import {
  type Client,
  type ClientCreate,
  type ClientUpdate,
  hasUnauthenticatedGrant,
  isPublicClient,
} from '@rolecall/contract'
import type { JWK } from 'jose'
import { enableEverywhere } from '../connections/store.ts'
import { randomAlphanumeric, randomSecret, sha256 } from '../crypto/secrets.ts'
import { forbidden, invalidBody, noSuchClient, notSupported } from '../http/api-error.ts'
import { endApplicationSessions } from '../sessions/store.ts'
import { recordChange } from '../store/changes.ts'
import { machineSubject, mark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { changedClientData, newClientData } from './client-data.ts'
import { extractKeys } from './keys.ts'
import {
  type Application,
  allApplications,
  deleteApplicationRow,
  deleteSecretUses,
  findApplication,
  insertApplication,
  lockApplication,
  type Secrets,
  saveApplication,
} from './store.ts'

/** Whether it does not authenticate at the token endpoint: a public client (RFC 6749 §2.1), which uses PKCE. */
export function isPublic({ data }: Pick<Application, 'data'>): boolean {
  return isPublicClient(data)
}

const userGrants = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']

/** Whether its grant types allow access tokens for itself (`client`) or on behalf of users (`user`). */
export function mayGetTokensFor({ data }: Application, subjectType: 'client' | 'user'): boolean {
  const grantTypes = data.grant_types ?? []
  if (subjectType === 'client') return grantTypes.includes('client_credentials') && !isPublicClient(data)
  return userGrants.some((grantType) => grantTypes.includes(grantType))
}

/** @throws ApiError 400 for client_credentials without client authentication */
export function requireAuthenticatedGrants(data: Client): void {
  if (hasUnauthenticatedGrant(data))
    throw invalidBody(
      "'client_credentials is only for an application that authenticates: remove it, or choose another token_endpoint_auth_method than none' on property grant_types.",
    )
}

/** Whether it authenticates with signed assertions (RFC 7523) instead of a secret. */
export function usesKeys(data: Client): boolean {
  return data.client_authentication_methods?.private_key_jwt !== undefined
}

/** Whether it authenticates with a secret. */
export function usesSecret(data: Client): boolean {
  return !isPublicClient(data) && !usesKeys(data)
}

/** The keys that are in use for its assertions and have not expired. */
export function activeKeys({ data, credentials }: Application, now: number): JWK[] {
  const named = new Set(data.client_authentication_methods?.private_key_jwt?.credentials.map(({ id }) => id))
  return credentials
    .filter(({ id, expiresAt }) => named.has(id) && (expiresAt === undefined || expiresAt > now))
    .map(({ publicJwk }) => publicJwk)
}

/** @throws ApiError 404 */
export async function requireApplication(db: Db, clientId: string): Promise<Application> {
  const application = await findApplication(db, clientId)
  if (!application) throw noSuchClient()
  return application
}

/** Locks the row until the transaction ends. @throws ApiError 404, 403 for a system application */
async function editableApplication({ db }: Tx, clientId: string): Promise<Application> {
  const application = await lockApplication(db, clientId)
  if (!application) throw noSuchClient()
  if (application.isSystem)
    throw forbidden(`The application ${application.name} is kept by the system and cannot be changed`)
  return application
}

export async function changeApplication(
  tx: Tx,
  clientId: string,
  change: (before: Application) => Application,
): Promise<{ before: Application; after: Application }> {
  const before = await editableApplication(tx, clientId)
  const after = { ...change(before), updatedAt: tx.now }
  await saveApplication(tx.db, after)
  await forgetEndedSecrets(tx.db, before, after)
  const lost = subjectTypes.filter((type) => mayGetTokensFor(before, type) && !mayGetTokensFor(after, type))
  markLostTokens(tx, clientId, lost)
  await recordChange(tx, 'application', clientId)
  return { before, after }
}

/** Deletes the uses of secrets that are not accepted any more: a secret that is set again has not been used. */
async function forgetEndedSecrets(db: Db, before: Secrets, after: Application): Promise<void> {
  const kept = hashesOf(after)
  if (hashesOf(before).some((hash) => !kept.includes(hash))) await deleteSecretUses(db, after.clientId, kept)
}

const hashesOf = ({ secretHash, previousSecret }: Secrets): string[] =>
  [secretHash, previousSecret?.hash].filter((hash) => hash !== undefined)

const subjectTypes = ['client', 'user'] as const

/** Marks that the application gets no more tokens for itself, or on behalf of users. */
function markLostTokens(tx: Tx, clientId: string, types: readonly ('client' | 'user')[]): void {
  const lost = { effect: 'loss', reason: 'account' } as const
  if (types.includes('client')) mark(tx, { ...lost, subject: machineSubject(clientId) })
  if (types.includes('user')) mark(tx, { ...lost, application: clientId })
}

/**
 * Applies a PATCH. `client_secret` replaces the secret; an application that becomes public, or uses keys, loses it.
 * @throws ApiError 404, 403 for a system application, 400 for keys that do not exist, and for client_credentials without
 * client authentication
 */
export function updateApplication(
  tx: Tx,
  clientId: string,
  input: ClientUpdate,
): Promise<{ before: Application; after: Application }> {
  return changeApplication(tx, clientId, (before) => changedApplication(before, input, tx.now))
}

/** An application after a PATCH. @throws ApiError 400 as `updateApplication` does */
export function changedApplication(before: Application, input: ClientUpdate, now: number): Application {
  const data = changedClientData(before.data, input)
  // Earlier versions stored this combination. Other members of such an application can still be changed.
  if (authenticationMembers.some((member) => input[member] !== undefined)) requireAuthenticatedGrants(data)
  for (const { id } of data.client_authentication_methods?.private_key_jwt?.credentials ?? [])
    if (!before.credentials.some((credential) => credential.id === id))
      throw notSupported(
        'client_authentication_methods names a credential that the application does not have',
      )
  const { appType: _, secretHash: _hash, secretCreatedAt: _at, previousSecret: _previous, ...rest } = before
  return {
    ...rest,
    name: data.name,
    ...(data.app_type && { appType: data.app_type }),
    data,
    ...secretsAfter(before, data, input.client_secret, now),
  }
}

/** A secret that is given ends those before it, and so does another way to authenticate. */
function secretsAfter(before: Secrets, data: Client, given: string | null | undefined, now: number): Secrets {
  if (!usesSecret(data)) return {}
  if (given) return { secretHash: sha256(given), secretCreatedAt: now }
  const { secretHash, secretCreatedAt, previousSecret } = before
  return {
    ...(secretHash !== undefined && { secretHash }),
    ...(secretCreatedAt !== undefined && { secretCreatedAt }),
    ...(previousSecret !== undefined && { previousSecret }),
  }
}

const authenticationMembers = [
  'grant_types',
  'token_endpoint_auth_method',
  'client_authentication_methods',
] as const

/** Deletes it with its grants and refresh tokens. @throws ApiError 404, 403 */
export async function deleteApplication(tx: Tx, clientId: string): Promise<Application> {
  const application = await editableApplication(tx, clientId)
  await deleteApplicationRow(tx.db, clientId)
  await endApplicationSessions(tx.db, clientId)
  markLostTokens(tx, clientId, ['client', 'user'])
  await recordChange(tx, 'application', clientId)
  return application
}

/**
 * Names the applications that an earlier version stored with client_credentials and without client authentication. Their
 * requests with this grant type fail.
 * @returns one line for the server's log; undefined when there are none
 */
export async function unauthenticatedGrantsWarning(db: Db): Promise<string | undefined> {
  const found = (await allApplications(db)).filter(({ data }) => hasUnauthenticatedGrant(data))
  if (found.length === 0) return undefined
  const names = found.map(({ clientId, name }) => `${clientId} (${name})`).toSorted()
  return `Applications that list the grant type client_credentials and do not authenticate get no token with it: ${names.join(', ')}. Remove client_credentials from their grant_types, or set a token_endpoint_auth_method other than none and rotate the secret.`
}

/** Members that only the server sets. */
export interface SystemMarks {
  clientId?: string
  isGlobal?: boolean
  isSystem?: boolean
}

/**
 * Creates an application. A confidential one without keys gets a secret of 256 random bits, unless the caller sets one.
 * Only the hash is stored: `clientSecret` cannot be read again.
 * @throws ApiError 400 for keys that cannot be used, and for client_credentials without client authentication
 */
export async function createApplication(
  tx: Tx,
  body: ClientCreate,
  marks: SystemMarks = {},
): Promise<{ application: Application; clientSecret?: string }> {
  const created = await newApplication(body, tx.now, marks)
  const { clientId, isGlobal } = created.application
  await insertApplication(tx.db, created.application)
  if (!isGlobal) await enableAsTenantSays(tx.db, clientId)
  await recordChange(tx, 'application', clientId)
  return created
}

/** An application that is not stored. @throws ApiError 400 as `createApplication` does */
export async function newApplication(
  body: ClientCreate,
  now: number,
  { clientId = randomAlphanumeric(32), isGlobal = false, isSystem = false }: SystemMarks = {},
): Promise<{ application: Application; clientSecret?: string }> {
  const { input, credentials } = await extractKeys(body, now)
  const data = newClientData(clientId, input)
  requireAuthenticatedGrants(data)
  const clientSecret = isGlobal || !usesSecret(data) ? undefined : (input.client_secret ?? randomSecret())
  const application: Application = {
    clientId,
    name: data.name,
    ...(data.app_type && { appType: data.app_type }),
    isGlobal,
    isSystem,
    ...(clientSecret && { secretHash: sha256(clientSecret), secretCreatedAt: now }),
    data,
    credentials,
    createdAt: now,
    updatedAt: now,
  }
  return { application, ...(clientSecret && { clientSecret }) }
}

/** Auth0's flag `enable_client_connections`: a new application is enabled on all connections. */
async function enableAsTenantSays(db: Db, clientId: string): Promise<void> {
  const { flags } = await tenantSettings(db)
  if (flags.enable_client_connections) await enableEverywhere(db, clientId)
}
