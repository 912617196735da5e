import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const version = Buffer.from([1])
const nonceBytes = 12
const tagBytes = 16

/** Encrypts values that must be readable again, with a key outside the database. */
export interface Sealer {
  /** `context` binds the sealed text to its row and column: moved elsewhere, it does not open. */
  seal(text: string, context: string): string
  /** @throws when the text was altered, moved, or sealed with another key */
  open(sealed: string, context: string): string
  /** Whether the current key has sealed the text, and not the previous one. */
  isCurrent(sealed: string, context: string): boolean
  /** Derives a key for a purpose, such as cookies. None can be computed from another (RFC 5869). */
  derive(purpose: string): string
  /** As `derive`, followed by what the previous key gives: for what verifies values that have not expired. */
  deriveAll(purpose: string): string[]
}

interface Key {
  seal(text: string, context: string): string
  open(sealed: string, context: string): string
  derive(purpose: string): string
}

/**
 * AES-256-GCM under a key of 32 bytes.
 * @param previous a key that sealed values may still be under, while keys are rotated
 */
export function createSealer(secret: Buffer, previous?: Buffer): Sealer {
  const current = createKey(secret)
  const old = previous && createKey(previous)
  return {
    seal: (text, context) => current.seal(text, context),
    open(sealed, context) {
      try {
        return current.open(sealed, context)
      } catch (error) {
        if (old === undefined) throw error
        return old.open(sealed, context)
      }
    },
    isCurrent(sealed, context) {
      try {
        current.open(sealed, context)
        return true
      } catch {
        return false
      }
    },
    derive: (purpose) => current.derive(purpose),
    deriveAll: (purpose) => [current, ...(old ? [old] : [])].map((key) => key.derive(purpose)),
  }
}

function createKey(secret: Buffer): Key {
  if (secret.length !== 32) throw new Error('the sealing key must be 32 bytes')
  const subkey = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))
  const key = subkey('rolecall sealing v1')
  const derived = new Map<string, string>()

  return {
    seal(text, context) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([version, nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes[0] !== version[0]) throw new Error('sealed by an unknown version')
      const nonce = bytes.subarray(1, 1 + nonceBytes)
      const tag = bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
        .setAAD(Buffer.from(context))
        .setAuthTag(tag)
      const body = bytes.subarray(1 + nonceBytes + tagBytes)
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    },
    derive(purpose) {
      const known = derived.get(purpose) ?? subkey(purpose).toString('base64url')
      derived.set(purpose, known)
      return known
    },
  }
}
