import type { Selectable } from 'kysely'
import type { IdentitiesTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** The name of an account at a provider. Its address is not part of it: providers reuse and change addresses. */
export interface IdentityKey {
  connectionId: string
  /** The provider's `sub`, or the number of a GitHub account. */
  subject: string
}

/** An account at another provider that a user logs in with. */
export interface Identity extends IdentityKey {
  userId: string
  /** The claims of the last log-in. */
  profile: Record<string, unknown>
  /** Epoch milliseconds, as `lastLogin`. */
  createdAt: number
  /** Absent for an identity that was linked and not used since. */
  lastLogin?: number
}

export async function findIdentity(
  db: Db,
  { connectionId, subject }: IdentityKey,
): Promise<Identity | undefined> {
  const row = await db
    .selectFrom('identities')
    .selectAll()
    .where('connection_id', '=', connectionId)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The user of an account, by the strategy of its connection, and the name of that where there are several. */
export async function userOfAccount(
  db: Db,
  { strategy, connection, subject }: { strategy: string; connection: string | undefined; subject: string },
): Promise<string | undefined> {
  const row = await db
    .selectFrom('identities')
    .innerJoin('connections', 'connections.id', 'identities.connection_id')
    .select('identities.user_id')
    .where('connections.strategy', '=', strategy)
    .$if(connection !== undefined, (query) => query.where('connections.name', '=', connection ?? ''))
    .where('identities.subject', '=', subject)
    .executeTakeFirst()
  return row?.user_id
}

/** The identities of a user, oldest first. */
export async function listIdentities(db: Db, userId: string): Promise<Identity[]> {
  const rows = await db
    .selectFrom('identities')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('connection_id')
    .orderBy('subject')
    .execute()
  return rows.map(fromRow)
}

/** Violates the primary key when the identity belongs to a user: of parallel first log-ins one succeeds. */
export async function insertIdentity(db: Db, identity: Identity): Promise<void> {
  await db
    .insertInto('identities')
    .values({
      connection_id: identity.connectionId,
      subject: identity.subject,
      user_id: identity.userId,
      profile: toJson(identity.profile),
      created_at: identity.createdAt,
      last_login: identity.lastLogin ?? null,
    })
    .execute()
}

/** Notes a log-in with the identity. @param at in epoch milliseconds */
export async function touchIdentity(
  db: Db,
  { connectionId, subject }: IdentityKey,
  profile: Identity['profile'],
  at: number,
): Promise<void> {
  await db
    .updateTable('identities')
    .set({ profile: toJson(profile), last_login: at })
    .where('connection_id', '=', connectionId)
    .where('subject', '=', subject)
    .execute()
}

/** @returns false when the user has no such identity */
export async function deleteIdentity(
  db: Db,
  { connectionId, subject }: IdentityKey,
  userId: string,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('identities')
    .where('connection_id', '=', connectionId)
    .where('subject', '=', subject)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Gives the identity to another user. The roles that it gives are dropped before. */
export async function moveIdentity(
  db: Db,
  { connectionId, subject }: IdentityKey,
  userId: string,
): Promise<void> {
  await db
    .updateTable('identities')
    .set({ user_id: userId })
    .where('connection_id', '=', connectionId)
    .where('subject', '=', subject)
    .execute()
}

/** Whether the user can log in without this identity: with another one, a password or a passkey. */
export async function hasOtherLogIn(
  db: Db,
  userId: string,
  { connectionId, subject }: IdentityKey,
): Promise<boolean> {
  const others = db
    .selectFrom('identities')
    .select('user_id')
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('connection_id', '!=', connectionId), eb('subject', '!=', subject)]))
  const passwords = db.selectFrom('passwords').select('user_id').where('user_id', '=', userId)
  const passkeys = db
    .selectFrom('authentication_methods')
    .select('user_id')
    .where('user_id', '=', userId)
    .where('type', '=', 'passkey')
  const row = await others.union(passwords).union(passkeys).executeTakeFirst()
  return row !== undefined
}

function fromRow(row: Selectable<IdentitiesTable>): Identity {
  return {
    connectionId: row.connection_id,
    subject: row.subject,
    userId: row.user_id,
    profile: fromJson(row.profile),
    createdAt: row.created_at,
    ...(row.last_login !== null && { lastLogin: row.last_login }),
  }
}
