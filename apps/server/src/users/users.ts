import { given } from '@rolecall/contract'
import { randomHex } from '../crypto/secrets.ts'
import { emailTaken, noSuchUser, userExists, usernameTaken } from '../http/api-error.ts'
import { endUserSessions } from '../sessions/store.ts'
import { storedEmail } from '../store/canonical.ts'
import { recordChange } from '../store/changes.ts'
import { isUniqueViolation, mapConstraintError } from '../store/constraints.ts'
import { mark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { deleteUserRow, findUser, insertUser, lockUser, updateUserRow } from './store.ts'
import { defaultNickname, type NewUser, prefixedId, type User } from './user.ts'

/**
 * Fills in Auth0's defaults: the address as the name, its local part as the nickname.
 * @throws ApiError 409 when the id is taken, or the address or user name within the connection
 */
export async function createUser(tx: Tx, input: NewUser): Promise<User> {
  const { passwordHash, passwordScheme, userId, providerUserId, ...profile } = input
  const email = storedEmail(input.email)
  const user: User = {
    emailVerified: false,
    name: email,
    nickname: defaultNickname(email),
    picture: '',
    blocked: false,
    userMetadata: {},
    appMetadata: {},
    ...profile,
    email,
    userId: providerUserId ?? prefixedId(userId ?? randomHex(24)),
    loginsCount: 0,
    secondFactor: false,
    createdAt: tx.now,
    updatedAt: tx.now,
  }
  const password = passwordHash === undefined ? undefined : { hash: passwordHash, scheme: passwordScheme }
  await mapConstraintError(insertUser(tx.db, user, password), { unique: userExists })
  await recordChange(tx, 'user', user.userId)
  return user
}

type Metadata = Record<string, unknown>

/** An absent member is unchanged. null removes the value or restores the default. */
export interface UserChanges {
  email?: string | undefined
  emailVerified?: boolean | undefined
  blocked?: boolean | undefined
  username?: string | null | undefined
  phoneNumber?: string | null | undefined
  givenName?: string | null | undefined
  familyName?: string | null | undefined
  name?: string | null | undefined
  nickname?: string | null | undefined
  picture?: string | null | undefined
  /** Merged on the first level. A member that is null is removed. */
  userMetadata?: Metadata | null | undefined
  appMetadata?: Metadata | null | undefined
}

/**
 * A new address is not verified unless `emailVerified` is given. Blocking ends all sessions and refresh tokens at once.
 * @throws ApiError 404, 400 when the address or the user name is taken
 */
export async function updateUser(
  tx: Tx,
  userId: string,
  changes: UserChanges,
): Promise<{ before: User; after: User }> {
  const before = await lockUser(tx.db, userId)
  if (!before) throw noSuchUser()
  const after: User = { ...changed(before, changes), updatedAt: tx.now }
  await mapConstraintError(updateUserRow(tx.db, before, after), { unique: identifierTaken })
  if (after.blocked && !before.blocked) {
    await endUserSessions(tx.db, userId)
    mark(tx, { effect: 'loss', reason: 'account', subject: userId })
  }
  await recordChange(tx, 'user', userId)
  return { before, after }
}

const identifierTaken = (cause: unknown) =>
  isUniqueViolation(cause, 'username_key') ? usernameTaken() : emailTaken()

/** Deletes a user with their sessions, refresh tokens, roles and permissions. @throws ApiError 404 */
export async function deleteUser(tx: Tx, userId: string): Promise<User> {
  const user = await lockUser(tx.db, userId)
  if (!user) throw noSuchUser()
  await endUserSessions(tx.db, userId)
  await deleteUserRow(tx.db, user)
  mark(tx, { effect: 'loss', reason: 'account', subject: userId })
  await recordChange(tx, 'user', userId)
  return user
}

/** @throws ApiError 404 */
export async function requireUser(db: Db, userId: string): Promise<User> {
  const user = await findUser(db, userId)
  if (!user) throw noSuchUser()
  return user
}

function changed(before: User, changes: UserChanges): User {
  const email = changes.email === undefined ? before.email : storedEmail(changes.email)
  const { username, phoneNumber, givenName, familyName, ...kept } = before
  return {
    ...kept,
    email,
    emailVerified: changes.emailVerified ?? (email === before.email && before.emailVerified),
    blocked: changes.blocked ?? before.blocked,
    name: orDefault(changes.name, before.name, email),
    nickname: orDefault(changes.nickname, before.nickname, defaultNickname(email)),
    picture: orDefault(changes.picture, before.picture, ''),
    ...given('username', changes.username === undefined ? username : changes.username),
    ...given('phoneNumber', changes.phoneNumber === undefined ? phoneNumber : changes.phoneNumber),
    ...given('givenName', changes.givenName === undefined ? givenName : changes.givenName),
    ...given('familyName', changes.familyName === undefined ? familyName : changes.familyName),
    userMetadata: mergeMetadata(before.userMetadata, changes.userMetadata),
    appMetadata: mergeMetadata(before.appMetadata, changes.appMetadata),
  }
}

const orDefault = (change: string | null | undefined, before: string, fallback: string) =>
  change === undefined ? before : (change ?? fallback)

function mergeMetadata(before: Metadata, changes: Metadata | null | undefined): Metadata {
  if (changes === undefined) return before
  if (changes === null) return {}
  return Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null))
}
