import type { Provider } from '../connections/provider.ts'
import { rolesGivenBy } from '../connections/role-mapping.ts'
import { type Connection, findConnectionById, shareConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { setProviderRoles } from '../roles/provider-roles.ts'
import { isUniqueViolation } from '../store/constraints.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { findUser, findUserByEmail } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { createUser, type UserChanges, updateUser } from '../users/users.ts'
import { type ProviderClaims, type ProviderProfile, profileOf, storedClaims } from './profile.ts'
import { findIdentity, insertIdentity, touchIdentity } from './store.ts'

/** A person who has logged in at a provider. */
export interface ProviderLogIn extends ProviderClaims {
  /** The provider's `sub`, or the number of a GitHub account. */
  subject: string
}

/** What a first log-in depends on. */
export interface FirstLogIn {
  /** The databases whose accounts the person may connect. Empty when the person wants a separate one. */
  databases: readonly string[]
  /** Where the log-in came from, for the log. */
  origin: { ip: string; userAgent?: string | undefined; clientId?: string | undefined }
}

export type ProviderOutcome =
  | { user: User; created: boolean }
  /** There is no user yet, and an account that the person may connect after proving that it is theirs. */
  | { offer: User }
  | { refused: IdentityRefusal }

export type IdentityRefusal =
  | 'provider_blocked'
  | 'provider_no_email'
  | 'provider_email_taken'
  | 'provider_sign_up_disabled'
  | 'provider_subject'
  /** The connection was deleted meanwhile. */
  | 'provider_failed'

/** OpenID Connect Core 1.0 §2: `sub` has up to 255 characters of ASCII. */
export const isSubject = (subject: unknown): subject is string =>
  typeof subject === 'string' && /^[\x20-\x7e]{1,255}$/.test(subject)

/**
 * Finds the user of an identity, brings profile and roles up to date, or creates the user. The identity alone decides who
 * it is, never an address. Of parallel first log-ins one creates the user, and the others find it.
 */
export async function logInWithProvider(
  ctx: Pick<Context, 'store' | 'clock'>,
  provider: Provider,
  logIn: ProviderLogIn,
  first: FirstLogIn,
): Promise<ProviderOutcome> {
  if (!isSubject(logIn.subject)) return { refused: 'provider_subject' }
  const attempt = () => transaction(ctx, (tx) => enter(tx, provider, logIn, first))
  try {
    return await attempt()
  } catch (error) {
    if (!isTaken(error)) throw error
  }
  // The id, the identity or the address is taken: by a parallel log-in of the same person, or by somebody else.
  try {
    return await attempt()
  } catch (error) {
    if (!isTaken(error)) throw error
    return { refused: 'provider_email_taken' }
  }
}

/** @throws where a unique value is taken */
async function enter(
  tx: Tx,
  provider: Provider,
  logIn: ProviderLogIn,
  first: FirstLogIn,
): Promise<ProviderOutcome> {
  // A change of the connection waits for this log-in, also where it inserts an identity that the change cannot see yet.
  if (!(await shareConnection(tx.db, provider.connectionId))) return { refused: 'provider_failed' }
  const identity = await findIdentity(tx.db, { ...logIn, connectionId: provider.connectionId })
  if (!identity) return enterFirst(tx, provider, logIn, first)
  const user = await findUser(tx.db, identity.userId)
  if (!user) throw new Error('an identity has a user')
  if (user.blocked) return { refused: 'provider_blocked' }
  const profile = profileOf(provider, logIn)
  // The profile of a linked identity is not that of its user, who may be one of the same connection.
  const isMain = userIdOf(provider, logIn.subject) === user.userId
  if (isMain && profile.email === undefined && provider.setProfile === 'on_each_login')
    return { refused: 'provider_no_email' }
  const changes = isMain && provider.setProfile === 'on_each_login' ? changesOf(user, profile) : {}
  const current = Object.keys(changes).length > 0 ? (await updateUser(tx, user.userId, changes)).after : user
  await noteLogIn(tx, provider, logIn, current, first.origin)
  return { user: current, created: false }
}

async function enterFirst(
  tx: Tx,
  provider: Provider,
  logIn: ProviderLogIn,
  { databases, origin }: FirstLogIn,
): Promise<ProviderOutcome> {
  const { email, ...profile } = profileOf(provider, logIn)
  if (email === undefined) return { refused: 'provider_no_email' }
  if (profile.emailVerified)
    for (const database of databases) {
      const offer = await findUserByEmail(tx.db, database, email)
      if (offer?.emailVerified) return { offer }
    }
  if (!provider.allowsSignUp) return { refused: 'provider_sign_up_disabled' }
  const user = await createProviderUser(tx, provider, logIn.subject, { email, ...profile })
  await linkIdentity(tx, provider, logIn, user, origin)
  return { user, created: true }
}

/** The caller inserts the identity. @throws ApiError 409 where the id or the address is taken */
export function createProviderUser(
  tx: Tx,
  provider: Pick<Provider, 'strategy' | 'name' | 'setProfile'>,
  subject: string,
  { email, emailVerified, ...profile }: ProviderProfile & { email: string },
): Promise<User> {
  return createUser(tx, {
    connection: provider.name,
    providerUserId: userIdOf(provider, subject),
    email,
    emailVerified,
    ...(provider.setProfile !== 'never_on_login' && profile),
  })
}

/** Makes the identity one of the user's, as in a log-in with it. @throws where it belongs to a user already */
export async function linkIdentity(
  tx: Tx,
  provider: Provider,
  logIn: ProviderLogIn,
  user: User,
  origin: FirstLogIn['origin'],
): Promise<void> {
  await insertIdentity(tx.db, {
    connectionId: provider.connectionId,
    subject: logIn.subject,
    userId: user.userId,
    profile: storedClaims(logIn),
    createdAt: tx.now,
    lastLogin: tx.now,
  })
  await setRoles(tx, provider, logIn, user, origin)
}

async function noteLogIn(
  tx: Tx,
  provider: Provider,
  logIn: ProviderLogIn,
  user: User,
  origin: FirstLogIn['origin'],
): Promise<void> {
  const key = { connectionId: provider.connectionId, subject: logIn.subject }
  await touchIdentity(tx.db, key, storedClaims(logIn), tx.now)
  await setRoles(tx, provider, logIn, user, origin)
}

async function setRoles(
  tx: Tx,
  provider: Provider,
  logIn: ProviderLogIn,
  { userId }: User,
  origin: FirstLogIn['origin'],
): Promise<void> {
  const { connectionId } = provider
  // As it is now, after the identity was written: a mapping that was changed meanwhile waits for this log-in, or is read.
  const connection = await findConnectionById(tx.db, connectionId)
  const roleIds = await rolesGivenBy(tx.db, connection?.roleMapping, logIn.claims)
  await setProviderRoles(tx, { connectionId, subject: logIn.subject, userId, roleIds, origin })
}

/** The id of the own user of an account, in Auth0's forms. */
export function userIdOf({ strategy, name }: Pick<Connection, 'strategy' | 'name'>, subject: string): string {
  return strategy === 'github' ? `github|${subject}` : `oidc|${name}|${subject}`
}

/** What differs from the user. A member that the provider does not send stays. */
function changesOf(
  user: User,
  { email = user.email, emailVerified, ...profile }: ProviderProfile,
): UserChanges {
  const others = Object.entries(profile).filter(([name, value]) => Reflect.get(user, name) !== value)
  return {
    ...Object.fromEntries(others),
    ...(email !== user.email && { email, emailVerified }),
    // The user may have verified the same address here.
    ...(email === user.email && emailVerified && !user.emailVerified && { emailVerified }),
  }
}

/** Of `createUser`, `updateUser` and `insertIdentity`. */
function isTaken(error: unknown): boolean {
  if (error instanceof ApiError) return error.errorCode === 'auth0_idp_error'
  return isUniqueViolation(error)
}
