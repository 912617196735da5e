import { hash, timingSafeEqual } from 'node:crypto'

/** SHA-256, base64url. Fit for random secrets of 128 bits and more; passwords go through argon2id. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Compares without telling by its duration where two texts differ, nor how long the expected one is. */
export function equalInConstantTime(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'))
}
