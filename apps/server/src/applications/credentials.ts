import type { ClientCredentialCreate } from '@rolecall/contract'
import { conflict, notFound, notSupported } from '../http/api-error.ts'
import type { Tx } from '../store/transaction.ts'
import { changeApplication } from './applications.ts'
import { makeCredential, maxCredentials } from './keys.ts'
import type { Application, ClientCredential } from './store.ts'

/**
 * Adds a public key.
 * @throws ApiError 400 for anything but an RSA key of 2048 to 8192 bits and for too many keys, 409 for a key that the application has
 */
export async function addCredential(
  tx: Tx,
  clientId: string,
  input: ClientCredentialCreate,
): Promise<ClientCredential> {
  const credential = await makeCredential(input, tx.now)
  await changeApplication(tx, clientId, (before) => {
    if (before.credentials.some(({ thumbprint }) => thumbprint === credential.thumbprint))
      throw conflict('The application has this key already', 'credential_conflict')
    if (before.credentials.length >= maxCredentials)
      throw notSupported(`An application has at most ${maxCredentials} credentials`)
    return { ...before, credentials: [...before.credentials, credential] }
  })
  return credential
}

/** Sets when a key expires; null: never. @throws ApiError 404 */
export async function updateCredential(
  tx: Tx,
  clientId: string,
  id: string,
  expiresAt: number | null,
): Promise<ClientCredential> {
  const { after } = await changeApplication(tx, clientId, (before) => {
    const { expiresAt: _, ...rest } = requireCredential(before, id)
    const changed = { ...rest, updatedAt: tx.now, ...(expiresAt !== null && { expiresAt }) }
    return {
      ...before,
      credentials: before.credentials.map((credential) => (credential.id === id ? changed : credential)),
    }
  })
  return requireCredential(after, id)
}

/** @throws ApiError 404; 400 while `client_authentication_methods` names it */
export async function removeCredential(tx: Tx, clientId: string, id: string): Promise<ClientCredential> {
  const { before } = await changeApplication(tx, clientId, (application) => {
    requireCredential(application, id)
    const used = application.data.client_authentication_methods?.private_key_jwt?.credentials ?? []
    if (used.some((credential) => credential.id === id))
      throw notSupported('The credential is in use: take it out of client_authentication_methods first')
    return {
      ...application,
      credentials: application.credentials.filter((credential) => credential.id !== id),
    }
  })
  return requireCredential(before, id)
}

export function requireCredential(application: Application, id: string): ClientCredential {
  const credential = application.credentials.find((candidate) => candidate.id === id)
  if (!credential) throw notFound('The credential does not exist', 'inexistent_credential')
  return credential
}
