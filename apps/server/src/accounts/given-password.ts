import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { BusyError } from '../crypto/work-queue.ts'
import { ApiError, noSuchConnection } from '../http/api-error.ts'
import type { User } from '../users/users.ts'
import { preparePassword } from './passwords.ts'

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
