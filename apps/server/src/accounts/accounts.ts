import { storedEmail } from '../store/canonical.ts'

/** Longer than any address (RFC 3696, erratum 1690 counts 254 characters; 64 + 1 + 255 were thought possible). */
export const longestIdentifier = 320

/**
 * The account that a typed identifier means. What no account can be called is looked up as the empty address: at the
 * same cost, and no database driver stumbles over it.
 */
export function accountOf(identifier: string): string {
  if (identifier.length > longestIdentifier || !identifier.isWellFormed() || /\p{Cc}/u.test(identifier))
    return ''
  return storedEmail(identifier)
}
