import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type ClientCreate, type ClientCredentialCreate, clientCredentialCreate } from '@rolecall/contract'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { invalidBody } from '../http/api-error.ts'
import type { ClientCredential } from './store.ts'

/** Auth0's limit: a key can be replaced while the old one is in use. */
export const maxCredentials = 2

/** Extracts the keys in the body of a new application, and leaves their ids in it. */
export async function extractKeys(
  input: ClientCreate,
  now: number,
): Promise<{ input: ClientCreate; credentials: ClientCredential[] }> {
  const methods = input.client_authentication_methods
  const given = methods?.private_key_jwt?.credentials
  if (!given) return { input, credentials: [] }
  const credentials: ClientCredential[] = []
  for (const item of given) {
    const parsed = clientCredentialCreate.safeParse(item)
    if (!parsed.success)
      throw invalidBody(
        "'A new application has no credentials yet: give the key as pem' on property client_authentication_methods.",
      )
    credentials.push(await makeCredential(parsed.data, now))
  }
  const privateKeyJwt = { credentials: credentials.map(({ id }) => ({ id })) }
  return {
    input: { ...input, client_authentication_methods: { ...methods, private_key_jwt: privateKeyJwt } },
    credentials,
  }
}

/** Reads a public key or a certificate in PEM. Refuses a private key. */
export async function makeCredential(input: ClientCredentialCreate, now: number): Promise<ClientCredential> {
  const { key, notAfter } = readPublicKey(input.pem)
  const publicJwk = key.export({ format: 'jwk' }) as JWK
  const thumbprint = await calculateJwkThumbprint(publicJwk)
  const alg = input.alg ?? 'RS256'
  const expiresAt = input.expires_at
    ? Date.parse(input.expires_at)
    : input.parse_expiry_from_cert
      ? notAfter
      : undefined
  const kid = input.kid ?? thumbprint
  return {
    id: `cred_${randomAlphanumeric(22)}`,
    ...(input.name && { name: input.name }),
    kid,
    alg,
    publicJwk: { ...publicJwk, kid, alg, use: 'sig' },
    thumbprint,
    createdAt: now,
    updatedAt: now,
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

const noPublicKey = () =>
  invalidBody("'must be a public RSA key or certificate of 2048 to 8192 bits' on property pem.")

function readPublicKey(pem: string): { key: KeyObject; notAfter?: number } {
  if (pem.includes('PRIVATE KEY')) throw noPublicKey()
  let found: { key: KeyObject; notAfter?: number }
  try {
    if (pem.includes('BEGIN CERTIFICATE')) {
      const certificate = new X509Certificate(pem)
      found = { key: certificate.publicKey, notAfter: certificate.validToDate.getTime() }
    } else found = { key: createPublicKey(pem) }
  } catch {
    throw noPublicKey()
  }
  const bits = found.key.asymmetricKeyDetails?.modulusLength ?? 0
  if (found.key.asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 8192) throw noPublicKey()
  return found
}
