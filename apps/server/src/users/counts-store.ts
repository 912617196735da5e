import type { Db } from '../store/store.ts'

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
