import { storedEmail } from '../store/canonical.ts'
import type { Tx } from '../store/transaction.ts'
import type { User } from '../users/user.ts'
import { deleteUser } from '../users/users.ts'
import { clearFailures } from './attempts.ts'

/** No address is longer: 64 + 1 + 255 characters (RFC 3696, section 3), and 254 by erratum 1690. */
export const maxIdentifierLength = 320

/**
 * The address to look up for a typed identifier. An identifier that no account can have becomes the empty address: the
 * lookup costs the same, and no database driver fails on it.
 */
export function accountOf(identifier: string): string {
  if (identifier.length > maxIdentifierLength || !identifier.isWellFormed() || /\p{Cc}/u.test(identifier))
    return ''
  return storedEmail(identifier)
}

/** Where a request came from, and for which application, as it is logged. */
export interface Origin {
  ip: string
  userAgent?: string | undefined
  clientId?: string | undefined
  applicationName?: string | undefined
  requestId?: string | undefined
}

/** The fields of a log entry about an account. `identifier`: what was typed, if that is not the address of a user. */
export function logFields(
  { ip, userAgent, clientId, applicationName: clientName, requestId }: Origin,
  connection: string,
  user: User | undefined,
  identifier = user?.email,
) {
  const userName = identifier?.slice(0, maxIdentifierLength).toWellFormed()
  const details = requestId === undefined ? undefined : { request: { id: requestId } }
  return { ip, userAgent, clientId, clientName, connection, userId: user?.userId, userName, details }
}

/** Deletes a user, and the failures counted against their address. @throws ApiError 404 */
export async function deleteAccount(tx: Tx, userId: string): Promise<User> {
  const user = await deleteUser(tx, userId)
  await clearFailures(tx.db, user.connection, user.email)
  return user
}
