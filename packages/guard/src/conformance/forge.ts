import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** What a forged token differs in from a valid one. */
export interface Forgery {
  /** Header members, or the bytes to send instead. */
  header?: Record<string, unknown> | Buffer
  claims?: Record<string, unknown> | Buffer
  /** How to sign. Default: RS256 with the key of the issuer. */
  sign?: (input: string) => Buffer
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const foreignRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const smallRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

export const issuer = 'https://issuer.test/'
export const audience = 'https://api.test'

/** Everything that the issuer publishes, including keys that no issuer should publish. */
export const jwks = {
  keys: [
    { ...publicJwk(rsa.publicKey), kid: 'rsa', alg: 'RS256', use: 'sig' },
    { ...publicJwk(ec.publicKey), kid: 'ec', use: 'sig' },
    { ...publicJwk(smallRsa.publicKey), kid: 'small' },
    { ...publicJwk(rsa.publicKey), kid: 'for-rs512', alg: 'RS512' },
    { ...publicJwk(rsa.publicKey), kid: 'for-encryption', use: 'enc' },
    { ...publicJwk(rsa.publicKey), kid: 'for-wrapping', key_ops: ['wrapKey'] },
    { kty: 'oct', kid: 'oct', k: Buffer.alloc(32, 1).toString('base64url') },
  ],
}

export const keys = { rsa, foreignRsa, smallRsa, ec, oct: Buffer.alloc(32, 1) }

export function claimsNow(): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer,
    sub: 'user-1',
    aud: audience,
    iat: now,
    exp: now + 3600,
    client_id: 'client',
    jti: 'one',
  }
}

export function forge({ header, claims, sign: signing = withRsa() }: Forgery = {}): string {
  const head = Buffer.isBuffer(header) ? header : json({ alg: 'RS256', typ: 'JWT', kid: 'rsa', ...header })
  const body = Buffer.isBuffer(claims) ? claims : json({ ...claimsNow(), ...claims })
  const input = `${head.toString('base64url')}.${body.toString('base64url')}`
  return `${input}.${signing(input).toString('base64url')}`
}

export function withRsa(key: KeyObject = rsa.privateKey, digest = 'sha256', padding?: number) {
  return (input: string) =>
    sign(digest, Buffer.from(input), { key, ...(padding !== undefined && { padding }) })
}

export function withEc(encoding: 'ieee-p1363' | 'der' = 'ieee-p1363') {
  return (input: string) => sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: encoding })
}

export function withHmac(secret: string | Buffer, digest = 'sha256') {
  return (input: string) => createHmac(digest, secret).update(input).digest()
}

export function withBytes(bytes: Buffer) {
  return () => bytes
}

function json(value: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function publicJwk(key: KeyObject): Record<string, unknown> {
  return { ...key.export({ format: 'jwk' }) }
}
