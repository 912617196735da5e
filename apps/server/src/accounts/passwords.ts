import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { BusyError } from '../crypto/work-queue.ts'
import { ApiError, noSuchConnection } from '../http/api-error.ts'
import { endUserSessions } from '../sessions/store.ts'
import type { Tx } from '../store/transaction.ts'
import { putPasswordHash } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { clearFailures } from './attempts.ts'
import { findPasswordProblem, type PasswordPolicyOptions, type PasswordProblem } from './password-policy.ts'
import { discardTickets } from './store.ts'

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
 * Hashes a password that an administrator gives to a user, by the rules of the user's connection. Outside of any
 * transaction: it takes tens of milliseconds.
 * @throws ApiError 400 for a weak password, 503 while too many wait to be hashed
 */
export async function hashGivenPassword(
  ctx: Pick<Context, 'store'>,
  password: string,
  owner: Pick<User, 'email' | 'connection'> & Partial<Pick<User, 'name' | 'nickname' | 'username'>>,
): Promise<string> {
  const connection = await findConnection(ctx.store.db, owner.connection)
  if (!connection) throw noSuchConnection()
  try {
    const prepared = await preparePassword(password, connection.options, owner)
    if ('problem' in prepared)
      throw new ApiError(400, 'PasswordStrengthError: Password is too weak', 'auth0_idp_error')
    return prepared.hash
  } catch (cause) {
    throw cause instanceof BusyError
      ? new ApiError(503, 'Too many passwords wait to be hashed: try again')
      : cause
  }
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
