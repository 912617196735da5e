import { sha256 } from '../crypto/digest.ts'
import type { Db } from '../store/store.ts'
import { toJson } from '../store/values.ts'

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
