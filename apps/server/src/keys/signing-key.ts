import { generateKeyPair, type KeyPairKeyObjectResult } from 'node:crypto'
import { promisify } from 'node:util'
import type { keyAlgs } from '@rolecall/contract'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Context } from '../context.ts'
import { describeCertificate, issueCertificate } from '../crypto/certificate.ts'
import type { SealedColumn } from '../crypto/reseal.ts'
import type { Sealer } from '../crypto/sealer.ts'

export type KeyAlg = (typeof keyAlgs)[number]

export interface SigningKey {
  /** The SHA-256 thumbprint of the key (RFC 7638). */
  kid: string
  /** `next` is published before it signs; `previous` still verifies; `revoked` is not published any more. */
  state: 'current' | 'next' | 'previous' | 'revoked'
  alg: KeyAlg
  /** The private JWK, sealed with the key outside the database. */
  sealedJwk: string
  /** With `use`, `alg`, `kid`, `x5c` and `x5t` (RFC 7517 §4). */
  publicJwk: JWK
  /** PEM, self-signed. */
  certificate: string
  /** The certificate in PKCS #7, PEM. */
  pkcs7: string
  createdAt: number
  currentSince?: number
  currentUntil?: number
  revokedAt?: number
}

const generate = promisify(generateKeyPair)
const certificateYears = 13

/** On the thread pool. */
const keyPairs: Record<KeyAlg, () => Promise<KeyPairKeyObjectResult>> = {
  RS256: () => generate('rsa', { modulusLength: 2048 }),
  PS256: () => generate('rsa', { modulusLength: 2048 }),
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generate('ed25519'),
}

export async function makeSigningKey(
  { clock, config, sealer }: Pick<Context, 'clock' | 'config' | 'sealer'>,
  state: 'current' | 'next',
  alg: KeyAlg,
): Promise<SigningKey> {
  const { privateKey, publicKey } = await keyPairs[alg]()
  const now = clock()
  const commonName = new URL(config.issuer).host
  const certificate = await issueCertificate({
    commonName,
    publicKey,
    issuer: { commonName, privateKey },
    notBefore: now,
    notAfter: now + certificateYears * 365.25 * 86_400_000,
  })
  const bare = publicKey.export({ format: 'jwk' }) as JWK
  const kid = await calculateJwkThumbprint(bare)
  const publicJwk: JWK = {
    ...bare,
    kid,
    use: 'sig',
    alg,
    x5c: [certificate.der.toString('base64')],
    x5t: describeCertificate(certificate.pem).x5t,
  }
  const privateJwk: JWK = { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, use: 'sig', alg }
  return {
    kid,
    state,
    alg,
    sealedJwk: sealer.seal(JSON.stringify(privateJwk), sealedFor(kid)),
    publicJwk,
    certificate: certificate.pem,
    pkcs7: certificate.pkcs7,
    createdAt: now,
    ...(state === 'current' && { currentSince: now }),
  }
}

/** @throws when the sealing key is not the one of this store */
export function openPrivateJwk(sealer: Sealer, key: SigningKey): JWK {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sealed by this file, and opening proves it unaltered.
  return JSON.parse(sealer.open(key.sealedJwk, sealedFor(key.kid))) as JWK
}

const sealedFor = (kid: string) => `signing_keys.sealed_jwk:${kid}`

export const sealedKeys: SealedColumn = {
  table: 'signing_keys',
  key: ['kid'],
  column: 'sealed_jwk',
  contextOf: ({ kid = '' }) => sealedFor(kid),
}
