import { hashPassword } from '../crypto/argon2.ts'
import { endUserSessions } from '../sessions/store.ts'
import type { Tx } from '../store/transaction.ts'
import { putPasswordHash } from '../users/password-store.ts'
import type { User } from '../users/users.ts'
import { clearFailures } from './attempts.ts'
import { findPasswordProblem, type PasswordPolicyOptions, type PasswordProblem } from './password-policy.ts'
import { discardTickets } from './ticket-store.ts'

/**
 * Judges and hashes a password that is to be set: outside of any transaction, because hashing takes 25 ms.
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function preparePassword(
  password: string,
  options: PasswordPolicyOptions,
  owner: { email: string; name?: string; nickname?: string; username?: string },
): Promise<{ hash: string } | { problem: PasswordProblem }> {
  const problem = await findPasswordProblem(password, options, owner)
  return problem ? { problem } : { hash: await hashPassword(password) }
}

/**
 * Puts a prepared password in force. Whoever knew the old one is out (ASVS 7.4.3): sessions, codes and refresh tokens
 * end, links that were mailed before no longer work, and pauses after wrong guesses are over.
 */
export async function replacePassword(
  { db, now }: Tx,
  user: Pick<User, 'userId' | 'connection' | 'email'>,
  hash: string,
) {
  await putPasswordHash(db, user.userId, hash, now)
  await endUserSessions(db, user.userId)
  await discardTickets(db, user.userId)
  await clearFailures(db, user.connection, user.email)
}
