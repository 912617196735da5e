import { emailKey, nameKey } from '../store/canonical.ts'
import type { Db } from '../store/store.ts'
import type { User } from './users.ts'

/**
 * Users of one connection whose addresses or user names are two spellings of one name. Only an earlier version could
 * write such rows: the unique indexes refuse new ones. Both stay until an administrator renames or deletes one.
 */
export interface UserClash {
  property: 'email' | 'username'
  connection: string
  /** The user whose name is not in the unique index. */
  user: NamedUser
  /** The user who has the canonical name. */
  holder: NamedUser
}

interface NamedUser {
  userId: string
  name: string
}

export async function listUserClashes(db: Db, limit: number): Promise<UserClash[]> {
  const found = await Promise.all(
    (['email', 'username'] as const).map(async (property) => {
      const rows = await db
        .selectFrom('users as clash')
        .innerJoin('users as holder', (join) =>
          join
            .onRef(`holder.${property}_key`, '=', `clash.${property}_clash`)
            .onRef('holder.connection', '=', 'clash.connection'),
        )
        .where(`clash.${property}_clash`, 'is not', null)
        .select([
          'clash.user_id as userId',
          `clash.${property} as name`,
          'clash.connection as connection',
          'holder.user_id as holderId',
          `holder.${property} as holderName`,
        ])
        .orderBy('clash.user_id')
        .limit(limit)
        .execute()
      return rows.map(({ connection, userId, name, holderId, holderName }) => ({
        property,
        connection,
        user: { userId, name: name ?? '' },
        holder: { userId: holderId, name: holderName ?? '' },
      }))
    }),
  )
  return found.flat().slice(0, limit)
}

/** What a user was called, and is no longer, becomes the name of the oldest user who clashed with it. */
export async function releaseKeys(db: Db, { connection, email, username }: User): Promise<void> {
  await release(db, 'email', connection, emailKey(email))
  if (username !== undefined) await release(db, 'username', connection, nameKey(username))
}

async function release(db: Db, property: UserClash['property'], connection: string, key: string) {
  const heir = db
    .selectFrom('users')
    .select('user_id')
    .where(`${property}_clash`, '=', key)
    .where('connection', '=', connection)
    .orderBy('created_at')
    .orderBy('user_id')
    .limit(1)
  const holder = db
    .selectFrom('users as holder')
    .select('holder.user_id')
    .where(`holder.${property}_key`, '=', key)
    .where('holder.connection', '=', connection)
  await db
    .updateTable('users')
    .set(
      property === 'email'
        ? { email_key: key, email_clash: null }
        : { username_key: key, username_clash: null },
    )
    .where('user_id', '=', heir)
    .where((eb) => eb.not(eb.exists(holder)))
    .execute()
}
