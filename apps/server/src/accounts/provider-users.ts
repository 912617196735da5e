import type { UserUpdate } from '@rolecall/contract'
import { requireDatabase } from '../connections/connections.ts'
import { isProvider } from '../connections/provider.ts'
import { findConnection } from '../connections/store.ts'
import { notSupported } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import type { User } from '../users/user.ts'

/** What cannot be done with the accounts of users who log in at another provider. */

const ofDatabases = ['password', 'username', 'verify_email'] as const
const ofProfile = [
  'email',
  'email_verified',
  'name',
  'nickname',
  'given_name',
  'family_name',
  'picture',
] as const

/** For a user whose account needs a password or a mailed link. @throws ApiError 400 */
export async function requireDatabaseUser(
  db: Db,
  { connection: name }: Pick<User, 'connection'>,
  what: string,
): Promise<void> {
  const connection = await findConnection(db, name)
  if (connection) requireDatabase(connection, what)
}

/**
 * For an update of a user: no password for one who has none here, and no member that the next log-in would replace.
 * @throws ApiError 400, in Auth0's words
 */
export async function requireMayUpdateMembers(
  db: Db,
  { connection: name }: Pick<User, 'connection'>,
  body: UserUpdate,
): Promise<void> {
  const given = <Name extends keyof UserUpdate>(names: readonly Name[]) =>
    names.filter((member) => body[member] !== undefined)
  const [always, replaced] = [given(ofDatabases), given(ofProfile)]
  if (always.length + replaced.length === 0) return
  const connection = await findConnection(db, name)
  if (!connection || !isProvider(connection)) return
  const cannot = (members: readonly string[]) =>
    `The following user attributes cannot be updated: ${members.join(', ')}. The connection (${name}) must`
  if (always.length > 0) throw notSupported(`${cannot(always)} be a database connection`)
  if ((connection.options.set_user_root_attributes ?? 'on_each_login') === 'on_each_login')
    throw notSupported(
      `${cannot(replaced)} be a database connection, or have another set_user_root_attributes than on_each_login, which replaces them`,
    )
}
