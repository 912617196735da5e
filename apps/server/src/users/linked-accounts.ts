import type { UserIdentity } from '@rolecall/contract'
import { type SqlBool, sql } from 'kysely'
import type { Condition } from '../search/conditions.ts'
import type { Db } from '../store/store.ts'
import { fromJson } from '../store/values.ts'
import type { User } from './user.ts'

/** The accounts at other providers with which a user logs in, as Auth0 shows them. */

/** An account, by the name and the strategy of its connection. */
interface LinkedAccount {
  connection: string
  strategy: string
  subject: string
  profile: Record<string, unknown>
}

/** By user id. Users without one have no entry. */
export type LinkedAccounts = ReadonlyMap<string, readonly LinkedAccount[]>

/** The accounts of these users, oldest first. Of a provider's own user the first one is that user. */
export async function linkedAccountsOf(
  db: Db,
  users: readonly { userId: string }[],
): Promise<LinkedAccounts> {
  if (users.length === 0) return new Map()
  const rows = await db
    .selectFrom('identities')
    .innerJoin('connections', 'connections.id', 'identities.connection_id')
    .select(['identities.user_id', 'identities.subject', 'identities.profile'])
    .select(['connections.name as connection', 'connections.strategy'])
    .where(
      'identities.user_id',
      'in',
      users.map(({ userId }) => userId),
    )
    .orderBy('identities.created_at')
    .orderBy('identities.connection_id')
    .orderBy('identities.subject')
    .execute()
  const accounts = rows.map((row) =>
    Object.assign(row, { profile: fromJson<Record<string, unknown>>(row.profile) }),
  )
  return Map.groupBy(accounts, ({ user_id: userId }) => userId)
}

/** The users with an account that meets a condition, which names `linked` (the identity) and `provider` (its connection). */
export const hasAccount = (condition: Condition): Condition => sql<SqlBool>`users.user_id in (
  select linked.user_id from identities linked join connections provider on provider.id = linked.connection_id
  where ${condition})`

/** The user's own account, and those that are linked to it. */
export function identitiesToWire(user: User, accounts: LinkedAccounts): UserIdentity[] {
  const [provider, id] = splitId(user.userId)
  const own = { connection: user.connection, user_id: id, provider, isSocial: provider === 'github' }
  const others = (accounts.get(user.userId) ?? []).map(accountToWire)
  return [own, ...others.filter((one) => one.provider !== provider || one.user_id !== id)]
}

function accountToWire({ connection, strategy, subject, profile }: LinkedAccount): UserIdentity {
  const isSocial = strategy === 'github'
  return {
    connection,
    user_id: isSocial ? subject : `${connection}|${subject}`,
    provider: isSocial ? 'github' : 'oidc',
    isSocial,
    profileData: {
      ...Object.fromEntries(
        texts.flatMap((name) => (typeof profile[name] === 'string' ? [[name, profile[name]]] : [])),
      ),
      ...(typeof profile['email_verified'] === 'boolean' && { email_verified: profile['email_verified'] }),
    },
  }
}

const texts = ['email', 'name', 'nickname', 'given_name', 'family_name'] as const

/** A user's id, cut at its provider. */
function splitId(userId: string): [UserIdentity['provider'], string] {
  for (const provider of ['auth0', 'oidc', 'github'] as const)
    if (userId.startsWith(`${provider}|`)) return [provider, userId.slice(provider.length + 1)]
  return ['auth0', userId]
}
