import { newConnection } from '../connections/connections.ts'
import { insertConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { insertIdentity } from '../identities/store.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { setProviderRoles } from './provider-roles.ts'

type Deps = Pick<Context, 'store' | 'clock'>

/** A connection of another provider, without the settings that a log-in needs. */
export async function addProvider(
  { store, clock }: Deps,
  name: string,
): Promise<{ id: string; name: string }> {
  const connection = newConnection(clock(), { name, strategy: 'oidc' })
  await insertConnection(store.db, connection)
  return { id: connection.id, name }
}

/** A user of a connection, with an identity there. */
export function addProviderUser(
  ctx: Deps,
  connection: { id: string; name: string },
  subject: string,
  email = `${subject}@x.test`,
): Promise<string> {
  return transaction(ctx, async (tx) => {
    const { userId } = await createUser(tx, {
      connection: connection.name,
      email,
      providerUserId: `oidc|${connection.name}|${subject}`,
    })
    await linkIdentity(tx, connection, subject, userId)
    return userId
  })
}

/** Gives a user an identity of a connection. */
export function linkIdentity(
  { db, now }: Parameters<typeof setProviderRoles>[0],
  { id }: { id: string },
  subject: string,
  userId: string,
): Promise<void> {
  return insertIdentity(db, { connectionId: id, subject, userId, profile: {}, createdAt: now })
}

/** What a log-in does whose claims give these roles. */
export function logInWith(
  ctx: Deps,
  connection: { id: string },
  subject: string,
  userId: string,
  roleIds: readonly string[],
) {
  const roles = { connectionId: connection.id, subject, userId, roleIds }
  return transaction(ctx, (tx) => setProviderRoles(tx, roles))
}
