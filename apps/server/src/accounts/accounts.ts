import { storedEmail } from '../store/canonical.ts'
import type { Tx } from '../store/transaction.ts'
import type { User } from '../users/user.ts'
import { deleteUser } from '../users/users.ts'
import { clearFailures } from './attempts.ts'

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

/** Where a request came from, for the log, and which application it was about. */
export interface Origin {
  ip: string
  userAgent?: string | undefined
  clientId?: string | undefined
  applicationName?: string | undefined
}

/** The fields of a log entry about an account. */
export function entryOf(origin: Origin, connection: string, user: User | undefined) {
  const { ip, userAgent, clientId, applicationName: clientName } = origin
  return { ip, userAgent, clientId, clientName, connection, userId: user?.userId, userName: user?.email }
}

/** Deletes a user, and the failures counted against their address. @throws ApiError 404 */
export async function deleteAccount(tx: Tx, userId: string): Promise<User> {
  const user = await deleteUser(tx, userId)
  await clearFailures(tx.db, user.connection, user.email)
  return user
}
