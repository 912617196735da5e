import { sha256 } from '../crypto/digest.ts'
import type { Db } from '../store/store.ts'
import { toJson } from '../store/values.ts'

const purpose = 'first_owner'

/** Keeps a ticket for the first owner; only the hash of its token, as of every ticket. */
export async function insertFirstOwnerTicket(
  db: Db,
  token: string,
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

export async function hasFirstOwnerTicket(db: Db, token: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('tickets')
    .select('token_hash')
    .where('token_hash', '=', sha256(token))
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row !== undefined
}

/** @returns whether this call, and no other, used the ticket; then every other one for the first owner is gone too. */
export async function useFirstOwnerTicket(tx: Db, token: string, now: number): Promise<boolean> {
  const used = await tx
    .updateTable('tickets')
    .set({ used_at: now })
    .where('token_hash', '=', sha256(token))
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (used.numUpdatedRows !== 1n) return false
  await tx.deleteFrom('tickets').where('purpose', '=', purpose).where('used_at', 'is', null).execute()
  return true
}
