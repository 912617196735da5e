import { isDeepStrictEqual } from 'node:util'
import type { Selectable } from 'kysely'
import { emailKey, nameKey, storedEmail } from '../store/canonical.ts'
import type { UsersTable } from '../store/schema.ts'
import { searchText } from '../store/search-text.ts'
import { lockRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool, fromJson, toBool, toJson } from '../store/values.ts'
import type { User } from './user.ts'

export async function findUser(db: Db, userId: string): Promise<User | undefined> {
  const row = await db.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst()
  return row && fromRow(row)
}

/**
 * By address in any spelling, within one connection. If the addresses of two accounts clash (see `listUserClashes`), an
 * account with exactly this spelling comes first.
 */
export async function findUserByEmail(db: Db, connection: string, email: string): Promise<User | undefined> {
  const row = preferred(await usersByEmail(db, connection, email).execute(), email)
  return row && fromRow(row)
}

/** As `findUserByEmail`, with the hash of the user's password. One statement, whether there is such a user or not. */
export async function findUserWithHash(
  db: Db,
  connection: string,
  email: string,
): Promise<{ user: User; hash: string | undefined } | undefined> {
  const rows = await usersByEmail(db, connection, email)
    .leftJoin('passwords', 'passwords.user_id', 'users.user_id')
    .select('passwords.hash')
    .execute()
  const row = preferred(rows, email)
  return row && { user: fromRow(row), hash: row.hash ?? undefined }
}

function usersByEmail(db: Db, connection: string, email: string) {
  return db
    .selectFrom('users')
    .selectAll('users')
    .where('email_key', 'in', [emailKey(email), storedEmail(email)])
    .where('connection', '=', connection)
}

function preferred<Row extends Pick<Selectable<UsersTable>, 'email' | 'email_clash'>>(
  rows: readonly Row[],
  email: string,
): Row | undefined {
  const exact = storedEmail(email)
  return rows.find((one) => one.email === exact) ?? rows.find((one) => one.email_clash === null)
}

/** Whether a user of the connection has this user name, in any spelling. */
export async function isUsernameTaken(db: Db, connection: string, username: string): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('user_id')
    .where('username_key', '=', nameKey(username))
    .where('connection', '=', connection)
    .executeTakeFirst()
  return row !== undefined
}

export async function insertUser(
  db: Db,
  user: User,
  password?: { hash: string; scheme?: string | undefined },
): Promise<void> {
  await db.insertInto('users').values(toRow(user)).execute()
  if (password)
    await db
      .insertInto('passwords')
      .values({ user_id: user.userId, ...password, updated_at: user.createdAt })
      .execute()
}

/** Locks the row until the transaction ends, for a change that is computed from its values. */
export async function lockUser(tx: Db, userId: string): Promise<User | undefined> {
  const query = tx.selectFrom('users').selectAll().where('user_id', '=', userId)
  const row = await lockRows(tx, query).executeTakeFirst()
  return row && fromRow(row)
}

/** A log-in. It is valid while the user is not blocked and has the same password and the same factors. */
export interface SignIn {
  userId: string
  /** `lastPasswordReset` as it was read before the password was checked. */
  passwordSetAt: number | undefined
  /** `factorsChangedAt` as it was read before the factor was checked. */
  factorsChangedAt: number | undefined
}

/** The log-in of a user whose credentials were checked after the user was read. */
export function signInOf({ userId, lastPasswordReset, factorsChangedAt }: User): SignIn {
  return { userId, passwordSetAt: lastPasswordReset, factorsChangedAt }
}

/**
 * Whether a log-in is still valid, of the user as they are now. A change of the account checks it in its transaction: a new
 * password or a block shuts out a person whose request is under way.
 */
export function isSignInValid(now: User, { userId, passwordSetAt, factorsChangedAt }: SignIn): boolean {
  return !now.blocked && isDeepStrictEqual(signInOf(now), { userId, passwordSetAt, factorsChangedAt })
}

/** Selects the user of a log-in while the log-in is valid, as the parent of its session. */
export function userOfSignIn(db: Db, { userId, passwordSetAt, factorsChangedAt }: SignIn) {
  return db
    .selectFrom('users')
    .where('user_id', '=', userId)
    .where('blocked', '=', toBool(false))
    .where('last_password_reset', passwordSetAt === undefined ? 'is' : '=', passwordSetAt ?? null)
    .where('factors_changed_at', factorsChangedAt === undefined ? 'is' : '=', factorsChangedAt ?? null)
}

/**
 * Updates the columns of the profile, not those of sign-ins and passwords. A key changes only with its name, so that
 * other columns of a user whose key clashes can change.
 */
export async function updateUserRow(db: Db, before: User, after: User): Promise<void> {
  const {
    user_id,
    email_key,
    username_key,
    connection: _connection,
    created_at: _created,
    logins_count: _logins,
    last_login: _login,
    last_ip: _ip,
    last_password_reset: _reset,
    second_factor: _factor,
    factors_changed_at: _changed,
    ...columns
  } = toRow(after)
  const { email_key: oldEmailKey, username_key: oldUsernameKey } = toRow(before)
  const update = db.updateTable('users').set(columns).where('user_id', '=', user_id)
  await update
    .$if(email_key !== oldEmailKey, (query) => query.set({ email_key, email_clash: null }))
    .$if(email_key === oldEmailKey && after.email !== before.email, (query) =>
      query.set((eb) => ({
        email_key: eb
          .case()
          .when('email_clash', 'is', null)
          .then(eb.ref('email_key'))
          .else(after.email)
          .end(),
      })),
    )
    .$if(username_key !== oldUsernameKey, (query) => query.set({ username_key, username_clash: null }))
    .execute()
  if (email_key !== oldEmailKey || username_key !== oldUsernameKey) await releaseKeys(db, before)
}

export async function deleteUserRow(db: Db, user: User): Promise<void> {
  await db.deleteFrom('users').where('user_id', '=', user.userId).execute()
  await releaseKeys(db, user)
}

/** Counts a sign-in. `at` is in epoch milliseconds. */
export async function recordSignIn(db: Db, userId: string, ip: string, at: number): Promise<void> {
  await db
    .updateTable('users')
    .set((eb) => ({ logins_count: eb('logins_count', '+', 1), last_login: at, last_ip: ip }))
    .where('user_id', '=', userId)
    .execute()
}

/** The hash of a user's password. Undefined for a user without a password, and for an empty id. */
export async function findPasswordHash(db: Db, userId: string): Promise<string | undefined> {
  const row = await db.selectFrom('passwords').select('hash').where('user_id', '=', userId).executeTakeFirst()
  return row?.hash
}

export async function putPasswordHash(tx: Db, userId: string, hash: string, now: number): Promise<void> {
  const row = { hash, scheme: null, updated_at: now }
  await tx
    .insertInto('passwords')
    .values({ user_id: userId, ...row })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row))
    .execute()
  await tx
    .updateTable('users')
    .set(({ eb }) => ({
      // Always later than the previous time: `userOfSignIn` compares it.
      last_password_reset: eb
        .case()
        .when('last_password_reset', '>=', now)
        .then(eb('last_password_reset', '+', 1))
        .else(now)
        .end(),
      updated_at: now,
    }))
    .where('user_id', '=', userId)
    .execute()
}

/** Gives a password to a user without one. @returns false when the user has one by now */
export async function putFirstHash(tx: Db, userId: string, hash: string, now: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('passwords')
    .values({ user_id: userId, hash, scheme: null, updated_at: now })
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** Notes a change of the user's authentication methods, and whether one of them is a second factor now. */
export async function putSecondFactor(
  tx: Db,
  userId: string,
  secondFactor: boolean,
  now: number,
): Promise<void> {
  await tx
    .updateTable('users')
    .set(({ eb }) => ({
      second_factor: toBool(secondFactor),
      // Always later than the previous time: `userOfSignIn` compares it.
      factors_changed_at: eb
        .case()
        .when('factors_changed_at', '>=', now)
        .then(eb('factors_changed_at', '+', 1))
        .else(now)
        .end(),
      updated_at: now,
    }))
    .where('user_id', '=', userId)
    .execute()
}

/** Replaces the hash of the same password, unless the password changed in the meantime. */
export async function renewPasswordHash(db: Db, userId: string, old: string, renewed: string): Promise<void> {
  const query = db.updateTable('passwords').set({ hash: renewed, scheme: null })
  await query.where('user_id', '=', userId).where('hash', '=', old).execute()
}

export async function markEmailVerified(tx: Db, userId: string, now: number): Promise<void> {
  const verified = { email_verified: true, updated_at: now }
  await tx.updateTable('users').set(verified).where('user_id', '=', userId).execute()
}

/**
 * Sets an imported hash. It replaces an imported hash that the user has not signed in with, but not a password that was
 * set on this server.
 */
export async function putImportedHash(
  tx: Db,
  userId: string,
  { hash, scheme }: { hash: string; scheme: string },
  now: number,
): Promise<void> {
  const row = { hash, scheme, updated_at: now }
  await tx
    .insertInto('passwords')
    .values({ user_id: userId, ...row })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet(row).where('passwords.scheme', 'is not', null),
    )
    .execute()
}

/** Gives the keys that a user no longer has to the oldest users whose names clashed with them. */
export async function releaseKeys(db: Db, { connection, email, username }: User): Promise<void> {
  await release(db, 'email', connection, emailKey(email))
  if (username !== undefined) await release(db, 'username', connection, nameKey(username))
}

async function release(db: Db, property: 'email' | 'username', connection: string, key: string) {
  const oldest = db
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
    .where('user_id', '=', oldest)
    .where((eb) => eb.not(eb.exists(holder)))
    .execute()
}

function keysOf(user: User) {
  const { email, username, name, nickname, givenName, familyName } = user
  return {
    email_key: emailKey(email),
    username_key: username === undefined ? null : nameKey(username),
    name_key: nameKey(name),
    nickname_key: nameKey(nickname),
    given_name_key: givenName === undefined ? null : nameKey(givenName),
    family_name_key: familyName === undefined ? null : nameKey(familyName),
  }
}

const searchTextOf = ({ name, email, username, nickname, givenName, familyName, userId }: User) =>
  searchText(name, emailKey(email), username, nickname, givenName, familyName, userId)

function toRow(user: User) {
  return {
    user_id: user.userId,
    connection: user.connection,
    email: user.email,
    email_verified: toBool(user.emailVerified),
    username: user.username ?? null,
    name: user.name,
    nickname: user.nickname,
    picture: user.picture,
    given_name: user.givenName ?? null,
    family_name: user.familyName ?? null,
    ...keysOf(user),
    search_text: searchTextOf(user),
    phone_number: user.phoneNumber ?? null,
    blocked: toBool(user.blocked),
    user_metadata: toJson(user.userMetadata),
    app_metadata: toJson(user.appMetadata),
    last_login: user.lastLogin ?? null,
    last_ip: user.lastIp ?? null,
    last_password_reset: user.lastPasswordReset ?? null,
    logins_count: user.loginsCount,
    second_factor: toBool(user.secondFactor),
    factors_changed_at: user.factorsChangedAt ?? null,
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
    secondFactor: fromBool(row.second_factor),
    ...(row.factors_changed_at !== null && { factorsChangedAt: row.factors_changed_at }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
