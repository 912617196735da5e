import { sha256 } from '../crypto/digest.ts'
import { lockRows } from '../store/row-lock.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** Failures counted against one key, with those that are still being checked among them. */
export interface AttemptRow {
  key: string
  failures: number
  first_at: number
  last_at: number
  blocked_until: number | null
}

/** The row of a key, created if need be and held until the transaction ends. */
export async function lockAttempts(tx: Db, key: string, now: number): Promise<AttemptRow> {
  const fresh = { key, failures: 0, first_at: now, last_at: now, blocked_until: null }
  await tx
    .insertInto('sign_in_attempts')
    .values(fresh)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const query = tx.selectFrom('sign_in_attempts').selectAll().where('key', '=', key)
  return (await lockRows(tx, query).executeTakeFirst()) ?? fresh
}

export async function saveAttempts(tx: Db, { key, ...row }: AttemptRow): Promise<void> {
  await tx.updateTable('sign_in_attempts').set(row).where('key', '=', key).execute()
}

export async function deleteAttempts(tx: Db, key: string): Promise<void> {
  await tx.deleteFrom('sign_in_attempts').where('key', '=', key).execute()
}

/** Rows whose key begins so; the prefix ends in a separator. */
export async function listAttempts(db: Db, prefix: string): Promise<AttemptRow[]> {
  const query = db.selectFrom('sign_in_attempts').selectAll()
  return query.where('key', '>=', prefix).where('key', '<', after(prefix)).orderBy('key').execute()
}

export async function deleteAttemptsUnder(db: Db, prefix: string): Promise<void> {
  await db
    .deleteFrom('sign_in_attempts')
    .where('key', '>=', prefix)
    .where('key', '<', after(prefix))
    .execute()
}

/** Removes rows nobody has added to since, a bounded number at a time. @returns how many went */
export async function deleteAttemptsBefore(db: Db, lastAt: number, limit: number): Promise<number> {
  const old = db.selectFrom('sign_in_attempts').select('key').where('last_at', '<', lastAt).limit(limit)
  const result = await db.deleteFrom('sign_in_attempts').where('key', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** The first text behind everything that begins with the prefix: keys compare byte by byte. */
function after(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

export type TicketPurpose = 'verify_email' | 'reset_password'

/** A one-time link to a user's mailbox. Only the hash of its token is kept. */
export interface Ticket {
  purpose: TicketPurpose
  userId: string
  /** The address it was sent to: changed since, the link proves nothing any more. */
  email: string
  /** Where the last page leads, if the issuer of the ticket said so. */
  resultUrl?: string
  clientId?: string
  markEmailVerified: boolean
}

type TicketData = Omit<Ticket, 'purpose' | 'userId'>

export async function insertTicket(
  db: Db,
  token: string,
  ticket: Ticket,
  times: { now: number; expiresAt: number },
) {
  const { purpose, userId, ...data } = ticket
  await db
    .insertInto('tickets')
    .values({
      token_hash: sha256(token),
      purpose,
      user_id: userId,
      data: toJson(data satisfies TicketData),
      created_at: times.now,
      expires_at: times.expiresAt,
      used_at: null,
    })
    .execute()
}

/** The ticket while it can be used: of this purpose, not expired, not used. */
export async function findTicket(
  db: Db,
  token: string,
  purpose: TicketPurpose,
  now: number,
): Promise<Ticket | undefined> {
  const row = await db
    .selectFrom('tickets')
    .select(['user_id', 'data'])
    .where('token_hash', '=', sha256(token))
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (!row || row.user_id === null) return undefined
  return { purpose, userId: row.user_id, ...fromJson<TicketData>(row.data) }
}

/** @returns whether this call, and no other, used the ticket: one statement, so of many callers one wins. */
export async function useTicket(tx: Db, token: string, now: number): Promise<boolean> {
  const result = await tx
    .updateTable('tickets')
    .set({ used_at: now })
    .where('token_hash', '=', sha256(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Ends every link that was sent to the user, used or not. */
export async function discardTickets(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('tickets').where('user_id', '=', userId).execute()
}

/** How many links of a kind a user was sent since then. */
export async function countTickets(
  db: Db,
  userId: string,
  purpose: TicketPurpose,
  since: number,
): Promise<number> {
  const row = await db
    .selectFrom('tickets')
    .select(({ fn }) => fn.countAll<number | bigint | string>().as('count'))
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .where('created_at', '>', since)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** Housekeeping only: an expired ticket works as little while its row is still there. */
export async function deleteExpiredTickets(db: Db, now: number, limit = 1_000): Promise<number> {
  const expired = db.selectFrom('tickets').select('token_hash').where('expires_at', '<', now).limit(limit)
  const result = await db.deleteFrom('tickets').where('token_hash', 'in', expired).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** `first_owner` works only while there is no owner, `owner` also makes or restores a further one. */
export const ownerTicketPurposes = ['first_owner', 'owner'] as const
export type OwnerTicketPurpose = (typeof ownerTicketPurposes)[number]

/** Keeps a ticket for an owner; only the hash of its token, as of every ticket. */
export async function insertOwnerTicket(
  db: Db,
  token: string,
  purpose: OwnerTicketPurpose,
  times: { now: number; expiresAt: number },
): Promise<void> {
  await db
    .insertInto('tickets')
    .values({
      token_hash: sha256(token),
      purpose,
      user_id: null,
      data: toJson({}),
      created_at: times.now,
      expires_at: times.expiresAt,
      used_at: null,
    })
    .execute()
}

/** The purpose of a ticket that can still be used. */
export async function findOwnerTicket(
  db: Db,
  token: string,
  now: number,
): Promise<OwnerTicketPurpose | undefined> {
  const row = await db
    .selectFrom('tickets')
    .select('purpose')
    .where('token_hash', '=', sha256(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return ownerTicketPurposes.find((purpose) => purpose === row?.purpose)
}

/** @returns whether this call, and no other, used the ticket; then every other one for an owner is gone too. */
export async function useOwnerTicket(tx: Db, token: string, now: number): Promise<boolean> {
  const used = await tx
    .updateTable('tickets')
    .set({ used_at: now })
    .where('token_hash', '=', sha256(token))
    .where('purpose', 'in', ownerTicketPurposes)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (used.numUpdatedRows !== 1n) return false
  await tx
    .deleteFrom('tickets')
    .where('purpose', 'in', ownerTicketPurposes)
    .where('used_at', 'is', null)
    .execute()
  return true
}
