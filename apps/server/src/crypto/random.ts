import { randomBytes, randomInt } from 'node:crypto'

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Uniform letters and digits: 5.95 bits each. */
export function randomAlphanumeric(length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += alphanumeric[randomInt(alphanumeric.length)]
  return text
}

/** Lower-case hexadecimal digits, `length` of them (even). */
export function randomHex(length: number): string {
  return randomBytes(length / 2).toString('hex')
}

/** A secret of 256 bits, as client secrets, one-time links and generated passwords carry it. */
export function randomSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url')
}
