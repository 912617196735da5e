import type { IdentityLink, UserIdentity } from '@rolecall/contract'
import { requireMayMap } from '../connections/privilege.ts'
import { type Connection, findConnection, findConnectionById } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { type ApiError, conflict, noSuchUser, notFound, notSupported } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { Change, RequestedChange } from '../logs/audited.ts'
import { keepingAnOwner } from '../roles/owners.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { identitiesToWire, linkedAccountsOf } from '../users/linked-accounts.ts'
import { findUser } from '../users/store.ts'
import { requireUser } from '../users/users.ts'
import { userIdOf } from './identities.ts'
import { linkUsers, type UnlinkRefusal, unlinkIdentity, userIsBlocked } from './linking.ts'
import { type Identity, listIdentities, userOfAccount } from './store.ts'

/** The requests that link and unlink accounts: the privilege rule, the rule itself, and what the log has of it. */

export function linkRequestedAccount(
  tx: Tx,
  { caller, id, body }: RequestedChange<IdentityLink>,
): Promise<Change<UserIdentity[]>> {
  const secondaryId = secondaryOf(body)
  return keepingAnOwner(tx, async () => {
    const before = await identitiesOf(tx.db, id)
    if (secondaryId === id) throw notSupported('A user cannot be linked to itself')
    const secondary = await findUser(tx.db, secondaryId)
    if (!secondary) throw await unknownOrLinked(tx.db, secondaryId)
    const connection = await findConnection(tx.db, secondary.connection)
    if (body.connection_id !== undefined && body.connection_id !== connection?.id)
      throw notSupported(`The user ${secondaryId} is not one of the connection ${body.connection_id}`)
    await requireMayLink(tx.db, caller, [id, secondaryId])
    await linkUsers(tx, id, secondaryId)
    const result = await identitiesOf(tx.db, id)
    const { email } = secondary
    return {
      result,
      on: { user: id, ...(connection && { connection: connection.id }) },
      before: { identities: before },
      after: { identities: result, linked_user: { user_id: secondaryId, email } },
    }
  })
}

export async function unlinkRequestedAccount(
  tx: Tx,
  ctx: Pick<Context, 'sealer'>,
  { caller, id }: RequestedChange,
  account: { provider: string; userId: string },
): Promise<Change<UserIdentity[]>> {
  const before = await identitiesOf(tx.db, id)
  await requireMayLink(tx.db, caller, [id])
  const wanted = fullId(account)
  if (wanted === id) throw refusals.own_account(id)
  const all = await listIdentities(tx.db, id)
  const ids = await Promise.all(all.map(async (one) => [one, await idOf(tx.db, one)] as const))
  const [identity] = ids.find(([, one]) => one === wanted) ?? []
  if (!identity) throw refusals.no_such_identity(id)
  const outcome = await unlinkIdentity(tx, ctx, id, identity)
  if ('refused' in outcome) throw refusals[outcome.refused](id)
  const { separate } = outcome
  const result = await identitiesOf(tx.db, id)
  return {
    result,
    on: { user: separate ? [id, separate.userId] : id, connection: identity.connectionId },
    before: { identities: before },
    after: { identities: result, ...(separate && { new_user: { user_id: separate.userId } }) },
  }
}

const refusals: Record<UnlinkRefusal, (userId: string) => ApiError> = {
  no_such_identity: () => notFound('The user has no such account', 'inexistent_identity'),
  blocked: userIsBlocked,
  own_account: () => notSupported('This is the own account of the user, which cannot be unlinked'),
  last_way_to_log_in: () =>
    notSupported(
      'This is the only account that the user can log in with: they need a password or a passkey first',
    ),
}

/**
 * Who holds one of the accounts logs in as the other user afterwards, so the caller must hold what both users hold, and
 * be allowed to assign what the mappings of their connections may give at a later log-in.
 * @throws ApiError 403
 */
async function requireMayLink(db: Db, caller: Caller, userIds: readonly string[]): Promise<void> {
  for (const userId of userIds) {
    await requireMayActOn(db, caller, userId)
    for (const { connectionId } of await listIdentities(db, userId)) {
      const connection = await findConnectionById(db, connectionId)
      if (connection) await requireMayMap(db, caller, connection)
    }
  }
}

/** @throws ApiError 400 for what is not supported */
function secondaryOf({ provider, user_id: userId, link_with: token }: IdentityLink): string {
  if (token !== undefined)
    throw notSupported(
      'link_with is not supported: name the account by provider and user_id. Users link accounts themselves on the page /account',
    )
  if (provider === undefined || userId === undefined)
    throw notSupported('The account is named by provider and user_id')
  if (provider !== 'oidc' && provider !== 'github')
    throw notSupported(
      `Accounts of the provider ${provider} cannot be linked: only those of connections of the strategies oidc and github can`,
    )
  return fullId({ provider, userId: String(userId) })
}

const fullId = ({ provider, userId }: { provider: string; userId: string }) =>
  userId.startsWith(`${provider}|`) ? userId : `${provider}|${userId}`

/** A linked account is not a separate user. */
async function unknownOrLinked(db: Db, accountId: string): Promise<ApiError> {
  const [strategy = '', ...rest] = accountId.split('|')
  const connection = strategy === 'oidc' ? rest.shift() : undefined
  const userId = await userOfAccount(db, { strategy, connection, subject: rest.join('|') })
  return userId === undefined
    ? noSuchUser()
    : conflict(`The account is linked to the user ${userId} already`, 'identity_conflict')
}

async function idOf(db: Db, { connectionId, subject }: Identity): Promise<string | undefined> {
  const connection: Connection | undefined = await findConnectionById(db, connectionId)
  return connection && userIdOf(connection, subject)
}

/** @throws ApiError 404 */
async function identitiesOf(db: Db, userId: string): Promise<UserIdentity[]> {
  const user = await requireUser(db, userId)
  return identitiesToWire(user, await linkedAccountsOf(db, [user]))
}
