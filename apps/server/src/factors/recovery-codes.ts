import { randomInt } from 'node:crypto'

const count = 8
const length = 24
/** Crockford's base32, which has no letter that looks like a digit. 24 of them are 120 bits (ASVS 6.5.2 asks for 112). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Codes in groups of four, as they are shown once. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: count }, () =>
    Array.from({ length }, (_, index) => {
      const letter = alphabet[randomInt(alphabet.length)] ?? ''
      return index > 0 && index % 4 === 0 ? `-${letter}` : letter
    }).join(''),
  )
}

/** The form in which a code is hashed: as typed, but without blanks and hyphens, and with one letter case. */
export function storedCode(typed: string): string {
  return typed
    .slice(0, 100)
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
}
