import type { ClientCredentialCreate } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { conflict, notFound, notSupported } from '../http/api-error.ts'
import type { Application, ClientCredential } from './applications.ts'
import { changeApplication } from './changes.ts'
import { makeCredential, mostCredentials } from './keys.ts'

type Ground = Pick<Context, 'store' | 'clock'>

/**
 * Adds a public key.
 * @throws ApiError 400 for what is no RSA key of at least 2048 bits, or too many; 409 when it is there already
 */
export async function addCredential(
  ctx: Ground,
  clientId: string,
  input: ClientCredentialCreate,
): Promise<ClientCredential> {
  const credential = await makeCredential(input, ctx.clock())
  await changeApplication(ctx, clientId, (before) => {
    if (before.credentials.some(({ thumbprint }) => thumbprint === credential.thumbprint))
      throw conflict('The application has this key already', 'credential_conflict')
    if (before.credentials.length >= mostCredentials)
      throw notSupported(`An application has at most ${mostCredentials} credentials`)
    return { ...before, credentials: [...before.credentials, credential] }
  })
  return credential
}

/** Changes when a key ends; null makes it last. @throws ApiError 404 */
export async function updateCredential(
  ctx: Ground,
  clientId: string,
  id: string,
  expiresAt: number | null,
): Promise<ClientCredential> {
  const { after } = await changeApplication(ctx, clientId, (before, now) => {
    const { expiresAt: _, ...rest } = requireCredential(before, id)
    const changed = { ...rest, updatedAt: now, ...(expiresAt !== null && { expiresAt }) }
    return {
      ...before,
      credentials: before.credentials.map((credential) => (credential.id === id ? changed : credential)),
    }
  })
  return requireCredential(after, id)
}

/** @throws ApiError 404; 400 while `client_authentication_methods` names it */
export async function removeCredential(ctx: Ground, clientId: string, id: string): Promise<ClientCredential> {
  const { before } = await changeApplication(ctx, clientId, (application) => {
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
