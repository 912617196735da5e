import type { Db } from '../store/store.ts'
import { fromRow } from './store.ts'
import type { User } from './users.ts'

/** Users who signed in since then. */
export async function countActiveUsers(db: Db, since: number): Promise<number> {
  const { total } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll().as('total'))
    .where('last_login', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(total)
}

/** Whether anybody signs in with this connection. */
export async function hasUsers(db: Db, connection: string): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('user_id')
    .where('connection', '=', connection)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Users in the order of their ids, for reading all of them piece by piece. */
export async function usersAfter(
  db: Db,
  page: { connection: string | undefined; after: string | undefined; limit: number },
): Promise<User[]> {
  const { connection, after, limit } = page
  const rows = await db
    .selectFrom('users')
    .selectAll()
    .$if(connection !== undefined, (query) => query.where('connection', '=', connection ?? ''))
    .$if(after !== undefined, (query) => query.where('user_id', '>', after ?? ''))
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}
