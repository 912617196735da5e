import { hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Uniform letters and digits: 5.95 bits each. */
export function randomAlphanumeric(length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += alphanumeric[randomInt(alphanumeric.length)]
  return text
}

/** `length` lower-case hexadecimal digits; an even number. */
export function randomHex(length: number): string {
  return randomBytes(length / 2).toString('hex')
}

/** A secret of 256 bits by default: client secrets, one-time links, generated passwords. */
export function randomSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url')
}

/** SHA-256, base64url. For random secrets of at least 128 bits. Passwords need argon2id. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Compares in a time that depends neither on where the texts differ nor on the length of the expected one. */
export function equalInConstantTime(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'))
}
