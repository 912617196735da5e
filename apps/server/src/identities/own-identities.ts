import { type Provider, providerOf } from '../connections/provider.ts'
import { findConnectionById } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { providerConnectedMessage, providerDisconnectedMessage } from '../mail/templates.ts'
import { dropProviderRoles } from '../roles/provider-roles.ts'
import { isUniqueViolation } from '../store/constraints.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { isSignInValid, lockUser, signInOf } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { linkIdentity, type ProviderLogIn, userIdOf } from './identities.ts'
import { unlinkIdentity } from './linking.ts'
import { deleteIdentity, findIdentity, type IdentityKey, listIdentities } from './store.ts'

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'mailer'>

/** An account at a provider as its user sees it. */
export interface OwnIdentity extends IdentityKey {
  /** The provider's name for people. */
  provider: string
  /** What the person is called there: an address, where the provider has sent one. */
  account: string
  /** Whether the user was created by a log-in with it, so that it stays while the user does. */
  isMain: boolean
  createdAt: number
  lastLogin: number | undefined
}

export type OwnIdentityChange =
  | { done: true }
  | { refused: 'factors_changed' }
  | { refused: 'linked_already' | 'linked_elsewhere' | 'no_such_identity' | 'last_way_to_log_in' }

interface Change {
  origin: { ip: string; userAgent?: string | undefined; clientId?: string | undefined }
  /** The session that goes on. */
  keepSession: string
}

/** What a person is called at a provider, for people. */
export function accountNameOf({ subject, claims }: Pick<ProviderLogIn, 'subject' | 'claims'>): string {
  const names = [claims['email'], claims['preferred_username'], claims['login'], claims['name']]
  const name = names.find((value): value is string => typeof value === 'string' && value.trim() !== '')
  return (name ?? subject).slice(0, 320)
}

export async function ownIdentities(
  ctx: Pick<Context, 'store' | 'sealer'>,
  user: User,
): Promise<OwnIdentity[]> {
  const { db } = ctx.store
  const identities = await listIdentities(db, user.userId)
  return Promise.all(
    identities.map(async (identity) => {
      const { connectionId, subject, createdAt, lastLogin } = identity
      const connection = await findConnectionById(db, connectionId)
      return {
        connectionId,
        subject,
        provider: connection ? providerOf(ctx, connection).displayName : connectionId,
        account: accountNameOf({ subject, claims: identity.profile }),
        isMain: connection !== undefined && userIdOf(connection, subject) === user.userId,
        createdAt,
        lastLogin,
      }
    }),
  )
}

/**
 * Lets a user log in with an account at a provider from now on. The caller has checked that the user has just logged in, and
 * that the same browser and session have just logged in at the provider.
 */
export async function linkOwnIdentity(
  ctx: Deps,
  before: User,
  provider: Provider,
  logIn: ProviderLogIn,
  { origin }: Pick<Change, 'origin'>,
): Promise<OwnIdentityChange> {
  const key = { connectionId: provider.connectionId, subject: logIn.subject }
  try {
    return await transaction(ctx, async (tx) => {
      const user = await lockUser(tx.db, before.userId)
      if (!user || !isSignInValid(user, signInOf(before))) return { refused: 'factors_changed' }
      const known = await findIdentity(tx.db, key)
      if (known) return { refused: known.userId === user.userId ? 'linked_already' : 'linked_elsewhere' }
      await linkIdentity(tx, provider, logIn, user, origin)
      await tell(ctx, tx, user, provider.displayName, true, origin)
      return { done: true }
    })
  } catch (error) {
    // Of two users who link it at once one succeeds.
    if (isUniqueViolation(error)) return { refused: 'linked_elsewhere' }
    throw error
  }
}

/** Takes an identity and the roles that it gives from its user, as `unlinkIdentity`. Other sessions end. */
export async function unlinkOwnIdentity(
  ctx: Deps,
  { userId }: User,
  key: IdentityKey,
  { origin, keepSession }: Change,
): Promise<OwnIdentityChange> {
  return transaction(ctx, async (tx) => {
    const outcome = await unlinkIdentity(tx, ctx, userId, key, keepSession)
    if ('user' in outcome) {
      await tell(ctx, tx, outcome.user, outcome.provider.displayName, false, origin)
      return { done: true }
    }
    const isKept = outcome.refused === 'own_account' || outcome.refused === 'last_way_to_log_in'
    return { refused: isKept ? 'last_way_to_log_in' : 'no_such_identity' }
  })
}

/**
 * Takes every account at a provider, and the roles that they give, from a user who is told by mail. The next log-in with one
 * of them decides whose it is.
 */
export async function removeIdentities(
  ctx: Pick<Deps, 'sealer' | 'mailer'>,
  tx: Tx,
  user: User,
  origin: Change['origin'],
): Promise<void> {
  for (const { connectionId, subject } of await listIdentities(tx.db, user.userId)) {
    const key = { connectionId, subject }
    await dropProviderRoles(tx, key)
    await deleteIdentity(tx.db, key, user.userId)
    const connection = await findConnectionById(tx.db, connectionId)
    const name = connection ? providerOf(ctx, connection).displayName : connectionId
    await tell(ctx, tx, user, name, false, origin)
  }
}

/** By mail, and in the log. */
async function tell(
  { mailer }: Pick<Deps, 'mailer'>,
  { db, now }: Tx,
  { userId, email, connection }: User,
  provider: string,
  isConnected: boolean,
  origin: Change['origin'],
): Promise<void> {
  const { friendly_name: tenant } = await tenantSettings(db)
  const message = isConnected ? providerConnectedMessage : providerDisconnectedMessage
  await mailer.send(message({ tenant, to: email, provider }), db)
  const description = isConnected ? `Connected with ${provider}` : `Disconnected from ${provider}`
  await writeLog(db, { ...origin, type: 'sapi', description, date: now, userId, userName: email, connection })
}
