import type { ClientUpdate } from '@rolecall/contract'
import { sha256 } from '../crypto/digest.ts'
import { randomSecret } from '../crypto/random.ts'
import { forbidden, noSuchClient, notSupported } from '../http/api-error.ts'
import { endApplicationSessions } from '../sessions/store.ts'
import { recordChange } from '../store/changes.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import {
  type Application,
  changedClientData,
  isPublic,
  requireAuthenticatedGrants,
  usesKeys,
} from './applications.ts'
import { deleteApplicationRow, findApplication, lockApplication, saveApplication } from './store.ts'

/** @throws ApiError 404 */
export async function requireApplication(db: Db, clientId: string): Promise<Application> {
  const application = await findApplication(db, clientId)
  if (!application) throw noSuchClient()
  return application
}

/** As it is and stays until the transaction ends. @throws ApiError 404; 403 for one that the server made itself */
async function editableApplication({ db }: Tx, clientId: string): Promise<Application> {
  const application = await lockApplication(db, clientId)
  if (!application) throw noSuchClient()
  if (application.isSystem)
    throw forbidden(`The application ${application.name} is kept by the system and cannot be changed`)
  return application
}

/** Reads, decides and writes as one step. */
export async function changeApplication(
  tx: Tx,
  clientId: string,
  change: (before: Application) => Application,
): Promise<{ before: Application; after: Application }> {
  const before = await editableApplication(tx, clientId)
  const after = { ...change(before), updatedAt: tx.now }
  await saveApplication(tx.db, after)
  await recordChange(tx, 'application', clientId)
  return { before, after }
}

/**
 * Applies a PATCH. A secret given replaces the old one; an application that becomes public, or uses keys, loses its secret.
 * @throws ApiError 404, 403 for a system application, 400 for keys that do not exist, and for client_credentials without
 * client authentication
 */
export function updateApplication(
  tx: Tx,
  clientId: string,
  input: ClientUpdate,
): Promise<{ before: Application; after: Application }> {
  return changeApplication(tx, clientId, (before) => {
    const data = changedClientData(before.data, input)
    // An application stored with this combination may still change its other members.
    if (authenticationMembers.some((member) => input[member] !== undefined)) requireAuthenticatedGrants(data)
    for (const { id } of data.client_authentication_methods?.private_key_jwt?.credentials ?? [])
      if (!before.credentials.some((credential) => credential.id === id))
        throw notSupported(
          'client_authentication_methods names a credential that the application does not have',
        )
    const { appType: _, secretHash, ...rest } = before
    const hash = input.client_secret ? sha256(input.client_secret) : secretHash
    const after: Application = {
      ...rest,
      name: data.name,
      ...(data.app_type && { appType: data.app_type }),
      data,
    }
    return isPublic(after) || usesKeys(data) || hash === undefined ? after : { ...after, secretHash: hash }
  })
}

const authenticationMembers = [
  'grant_types',
  'token_endpoint_auth_method',
  'client_authentication_methods',
] as const

/** Makes a new secret; the old one is refused from here on. @throws ApiError 404, 403, 400 for a public application */
export async function rotateSecret(
  tx: Tx,
  clientId: string,
): Promise<{ application: Application; clientSecret: string }> {
  const clientSecret = randomSecret()
  const { after } = await changeApplication(tx, clientId, (before) => {
    if (isPublic(before) || usesKeys(before.data))
      throw notSupported('This application has no secret: set token_endpoint_auth_method first')
    return { ...before, secretHash: sha256(clientSecret) }
  })
  return { application: after, clientSecret }
}

/** Deletes it with its grants, and ends every refresh token it was given. @throws ApiError 404, 403 */
export async function deleteApplication(tx: Tx, clientId: string): Promise<Application> {
  const application = await editableApplication(tx, clientId)
  await deleteApplicationRow(tx.db, clientId)
  await endApplicationSessions(tx.db, clientId)
  await recordChange(tx, 'application', clientId)
  return application
}
