import { given, type SigningKeyWire } from '@rolecall/contract'
import { describeCertificate } from '../crypto/certificate.ts'
import type { SigningKey } from './signing-key.ts'

/** Converts a signing key to its wire format, which shows the certificate and no private key. */
export function signingKeyToWire(key: SigningKey): SigningKeyWire {
  const { thumbprint, fingerprint } = describeCertificate(key.certificate)
  return {
    kid: key.kid,
    alg: key.alg,
    cert: key.certificate,
    pkcs7: key.pkcs7,
    current: key.state === 'current',
    next: key.state === 'next',
    previous: key.state === 'previous',
    ...given('current_since', iso(key.currentSince)),
    ...given('current_until', iso(key.currentUntil)),
    fingerprint,
    thumbprint,
    revoked: key.state === 'revoked',
    ...given('revoked_at', iso(key.revokedAt)),
  }
}

const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString())
