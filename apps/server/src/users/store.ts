import type { Selectable } from 'kysely'
import type { UsersTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { fromBool, fromJson, toBool, toJson } from '../store/values.ts'
import type { User } from './users.ts'

export async function findUser(db: Db, userId: string): Promise<User | undefined> {
  const row = await db.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst()
  return row && fromRow(row)
}

/** By address in any case, within one connection. */
export async function findUserByEmail(db: Db, connection: string, email: string): Promise<User | undefined> {
  const row = await db
    .selectFrom('users')
    .selectAll()
    .where('email_key', '=', email.trim().toLowerCase())
    .where('connection', '=', connection)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function insertUser(db: Db, user: User, passwordHash?: string): Promise<void> {
  await db.insertInto('users').values(toRow(user)).execute()
  if (passwordHash !== undefined)
    await db
      .insertInto('passwords')
      .values({ user_id: user.userId, hash: passwordHash, updated_at: user.createdAt })
      .execute()
}

export async function updateUserRow(db: Db, user: User): Promise<void> {
  const { user_id, logins_count: _1, last_login: _2, last_ip: _3, ...columns } = toRow(user)
  await db.updateTable('users').set(columns).where('user_id', '=', user_id).execute()
}

export async function deleteUserRow(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('users').where('user_id', '=', userId).execute()
}

/** Counts a sign-in. `at` is in epoch milliseconds. */
export async function recordSignIn(db: Db, userId: string, ip: string, at: number): Promise<void> {
  await db
    .updateTable('users')
    .set((eb) => ({ logins_count: eb('logins_count', '+', 1), last_login: at, last_ip: ip }))
    .where('user_id', '=', userId)
    .execute()
}

function toRow(user: User) {
  return {
    user_id: user.userId,
    connection: user.connection,
    email: user.email,
    email_key: user.email,
    email_verified: toBool(user.emailVerified),
    username: user.username ?? null,
    name: user.name,
    name_key: user.name.toLowerCase(),
    nickname: user.nickname,
    picture: user.picture,
    given_name: user.givenName ?? null,
    family_name: user.familyName ?? null,
    phone_number: user.phoneNumber ?? null,
    blocked: toBool(user.blocked),
    user_metadata: toJson(user.userMetadata),
    app_metadata: toJson(user.appMetadata),
    last_login: user.lastLogin ?? null,
    last_ip: user.lastIp ?? null,
    last_password_reset: user.lastPasswordReset ?? null,
    logins_count: user.loginsCount,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  }
}

export function fromRow(row: Selectable<UsersTable>): User {
  return {
    userId: row.user_id,
    connection: row.connection,
    email: row.email,
    emailVerified: fromBool(row.email_verified),
    ...(row.username !== null && { username: row.username }),
    name: row.name,
    nickname: row.nickname,
    picture: row.picture,
    ...(row.given_name !== null && { givenName: row.given_name }),
    ...(row.family_name !== null && { familyName: row.family_name }),
    ...(row.phone_number !== null && { phoneNumber: row.phone_number }),
    blocked: fromBool(row.blocked),
    userMetadata: fromJson(row.user_metadata),
    appMetadata: fromJson(row.app_metadata),
    ...(row.last_login !== null && { lastLogin: row.last_login }),
    ...(row.last_ip !== null && { lastIp: row.last_ip }),
    ...(row.last_password_reset !== null && { lastPasswordReset: row.last_password_reset }),
    loginsCount: row.logins_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
