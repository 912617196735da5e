import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { BusyError } from '../crypto/hashing-queue.ts'
import { ApiError, noSuchConnection } from '../http/api-error.ts'
import { endUserSessions } from '../sessions/store.ts'
import { mark } from '../store/marks.ts'
import type { Tx } from '../store/transaction.ts'
import { putPasswordHash } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { clearFailures } from './attempts.ts'
import { findPasswordProblem, type PasswordPolicyOptions, type PasswordProblem } from './password-policy.ts'
import { deleteTicketsOf } from './store.ts'

/**
 * Checks and hashes a new password, outside of any transaction: hashing takes 25 ms.
 * @throws {BusyError} if the hashing queue is full
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
 * Checks by the rules of the user's connection, and hashes, a password that an administrator sets. Outside of any
 * transaction, as `preparePassword`.
 * @throws ApiError 400 if the password is weak, 503 if the hashing queue is full
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
      throw new ApiError(400, `${prepared.problem.name}: ${prepared.problem.message}`, 'auth0_idp_error')
    return prepared.hash
  } catch (cause) {
    throw cause instanceof BusyError
      ? new ApiError(503, 'Too many passwords wait to be hashed: try again')
      : cause
  }
}

/**
 * Stores a prepared password. Everything obtained with the old one ends (ASVS 7.4.3): sessions, codes, refresh tokens
 * and mailed links. Failures counted against the account are deleted.
 */
export async function replacePassword(
  tx: Tx,
  user: Pick<User, 'userId' | 'connection' | 'email'>,
  hash: string,
) {
  const { db, now } = tx
  await putPasswordHash(db, user.userId, hash, now)
  await endUserSessions(db, user.userId)
  mark(tx, { effect: 'loss', reason: 'credential', subject: user.userId })
  await deleteTicketsOf(db, user.userId)
  await clearFailures(db, user.connection, user.email)
}
