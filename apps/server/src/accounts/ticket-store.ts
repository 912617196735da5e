import { sha256 } from '../crypto/digest.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

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
