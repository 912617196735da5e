import type { ImportedUser } from '@rolecall/contract'
import type { Db } from '../store/store.ts'
import { passwordHashesOf, usersAfter } from '../users/lists.ts'
import { localId, type User } from '../users/user.ts'
import { hashToImportSchema } from './exported-hash.ts'

const usersPerQuery = 500

export interface HashExport {
  users: number
  /** Users with a password, whose hash no import can read: they reset it, or log in here once before. */
  withoutHash: string[]
}

/**
 * Writes the users of a connection with their password hashes, as lines of JSON in Auth0's import schema. Only a command of
 * the server does this: no endpoint has hashes.
 */
export async function exportWithHashes(
  db: Db,
  connection: string,
  write: (line: string) => Promise<void>,
): Promise<HashExport> {
  const result: HashExport = { users: 0, withoutHash: [] }
  let users: User[]
  for (let after: string | undefined; ; after = users.at(-1)?.userId) {
    users = await usersAfter(db, { connection, after, limit: usersPerQuery })
    const hashes = await passwordHashesOf(
      db,
      users.map(({ userId }) => userId),
    )
    for (const user of users) {
      const stored = hashes.get(user.userId)
      const hash = stored === undefined ? {} : hashToImportSchema(stored)
      if (!hash) result.withoutHash.push(user.email)
      await write(`${JSON.stringify({ ...toImportSchema(user), ...hash })}\n`)
    }
    result.users += users.length
    if (users.length < usersPerQuery) return result
  }
}

function toImportSchema(user: User): ImportedUser {
  const { userMetadata, appMetadata } = user
  return {
    user_id: localId(user.userId),
    email: user.email,
    email_verified: user.emailVerified,
    blocked: user.blocked,
    name: user.name,
    nickname: user.nickname,
    ...(user.username !== undefined && { username: user.username }),
    ...(user.phoneNumber !== undefined && { phone_number: user.phoneNumber }),
    ...(user.givenName !== undefined && { given_name: user.givenName }),
    ...(user.familyName !== undefined && { family_name: user.familyName }),
    ...(user.picture !== '' && { picture: user.picture }),
    ...(Object.keys(userMetadata).length > 0 && { user_metadata: userMetadata }),
    ...(Object.keys(appMetadata).length > 0 && { app_metadata: appMetadata }),
  }
}
