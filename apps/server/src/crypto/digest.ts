import { createHash, timingSafeEqual } from 'node:crypto'

/** SHA-256, base64url. Fit for random secrets of 128 bits and more; passwords go through argon2id. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Compares without telling by its duration where two texts differ, nor how long the expected one is. */
export function equalInConstantTime(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
