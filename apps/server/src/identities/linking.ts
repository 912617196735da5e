import { type Provider, providerOf } from '../connections/provider.ts'
import { findConnectionById } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { notSupported } from '../http/api-error.ts'
import { dropProviderRoles, setProviderRoles } from '../roles/provider-roles.ts'
import { endArtifacts, endRefreshTokens, endSessions, endUserSessions } from '../sessions/store.ts'
import { mark } from '../store/marks.ts'
import type { Tx } from '../store/transaction.ts'
import { findUser, findUserByEmail, lockUser, putSecondFactor } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { deleteUser, requireUser } from '../users/users.ts'
import { createProviderUser, userIdOf } from './identities.ts'
import { profileOf } from './profile.ts'
import {
  deleteIdentity,
  findIdentity,
  hasOtherLogIn,
  type Identity,
  type IdentityKey,
  insertIdentity,
  listIdentities,
  moveIdentity,
} from './store.ts'

/**
 * Users with several accounts. Linking turns the user of a provider into an account of another user, and unlinking makes
 * a user of it again.
 */

/**
 * Moves the accounts of a user to another one, with the roles that they give. The user is deleted with everything else:
 * sessions, refresh tokens, consents, assigned roles and permissions, metadata.
 * @throws ApiError 404 for an unknown user, 400 where one of them is blocked
 */
export async function linkUsers(tx: Tx, primaryId: string, secondaryId: string): Promise<void> {
  // In one order, so that two such requests do not wait for each other.
  for (const id of [primaryId, secondaryId].toSorted()) await lockUser(tx.db, id)
  // The other account would let a blocked person log in.
  for (const id of [primaryId, secondaryId])
    if ((await requireUser(tx.db, id)).blocked) throw userIsBlocked(id)
  for (const identity of await listIdentities(tx.db, secondaryId)) {
    const roleIds = await dropProviderRoles(tx, identity)
    await moveIdentity(tx.db, identity, primaryId)
    await setProviderRoles(tx, { ...identity, userId: primaryId, roleIds })
  }
  await deleteUser(tx, secondaryId)
}

export interface Unlinked {
  user: User
  provider: Provider
  /** The new user of the account. */
  separate: User | undefined
}

export type UnlinkRefusal =
  | 'no_such_identity'
  | 'blocked'
  /** The user was created by a log-in with it. */
  | 'own_account'
  /** There is no other account, no password and no passkey. */
  | 'last_way_to_log_in'

/**
 * Takes an account from a user, and makes a user of it again, with the roles that it gives. There is no such user where
 * the provider has sent no address or its connection has another user with it: then the next log-in decides. The sessions
 * and refresh tokens of the user end, because the account may have begun them.
 * @param keptSession the `uid` of the session that makes the change, if the user does
 */
export async function unlinkIdentity(
  tx: Tx,
  ctx: Pick<Context, 'sealer'>,
  userId: string,
  key: IdentityKey,
  keptSession?: string,
): Promise<Unlinked | { refused: UnlinkRefusal }> {
  const user = await lockUser(tx.db, userId)
  const identity = await findIdentity(tx.db, key)
  const connection = await findConnectionById(tx.db, key.connectionId)
  if (!user || !connection || identity?.userId !== userId) return { refused: 'no_such_identity' }
  if (user.blocked) return { refused: 'blocked' }
  const provider = providerOf(ctx, connection)
  if (userIdOf(provider, key.subject) === userId) return { refused: 'own_account' }
  if (!(await hasOtherLogIn(tx.db, userId, key))) return { refused: 'last_way_to_log_in' }
  const roleIds = await dropProviderRoles(tx, key)
  await deleteIdentity(tx.db, key, userId)
  await endAccess(tx, user, keptSession)
  return { user, provider, separate: await separate(tx, provider, identity, roleIds) }
}

async function endAccess(
  tx: Tx,
  { userId, secondFactor }: User,
  keptSession: string | undefined,
): Promise<void> {
  // A log-in that has not yet become a session is refused, as after any change of the ways to log in (`userOfSignIn`).
  await putSecondFactor(tx.db, userId, secondFactor, tx.now)
  if (keptSession === undefined) await endUserSessions(tx.db, userId)
  else {
    await endSessions(tx.db, { userId, exceptUid: keptSession })
    await endArtifacts(tx.db, ['Interaction'], userId)
    await endRefreshTokens(tx.db, userId)
  }
  mark(tx, { effect: 'loss', reason: 'session', subject: userId })
}

async function separate(
  tx: Tx,
  provider: Provider,
  { subject, profile: claims, ...identity }: Identity,
  roleIds: readonly string[],
): Promise<User | undefined> {
  const { email, ...profile } = profileOf(provider, { claims, userinfo: claims })
  if (email === undefined || (await findUserByEmail(tx.db, provider.name, email))) return undefined
  if (await findUser(tx.db, userIdOf(provider, subject))) return undefined
  const user = await createProviderUser(tx, provider, subject, { email, ...profile })
  const { userId } = user
  await insertIdentity(tx.db, { ...identity, subject, profile: claims, userId })
  await setProviderRoles(tx, { connectionId: identity.connectionId, subject, userId, roleIds })
  return user
}

export const userIsBlocked = (userId: string) =>
  notSupported(`The user ${userId} is blocked: unblock them before you link or unlink accounts`)
