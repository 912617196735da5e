import { sha256 } from '../crypto/secrets.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** Failures counted under one key. Attempts whose password is being checked are included. */
export interface AttemptRow {
  key: string
  failures: number
  first_at: number
  last_at: number
  blocked_until: number | null
}

/** The row of a key, created if it is missing, and locked until the transaction ends. */
export async function lockAttempts(tx: Db, key: string, now: number): Promise<AttemptRow> {
  return tx
    .insertInto('sign_in_attempts')
    .values({ key, failures: 0, first_at: now, last_at: now, blocked_until: null })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((eb) => ({ failures: eb.ref('sign_in_attempts.failures') })),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function saveAttempts(tx: Db, { key, ...row }: AttemptRow): Promise<void> {
  await tx.updateTable('sign_in_attempts').set(row).where('key', '=', key).execute()
}

/** A key to count under. The count restarts where the last failure is older than `expiredBefore`. */
export interface Counted {
  key: string
  expiredBefore: number
}

/**
 * Counts a failure under each key that is not paused, in one statement. The rows are locked in the order of the keys until
 * the transaction ends, so keys are always given in one order: otherwise two transactions could deadlock.
 * @returns the keys that were counted, with their failures
 */
export async function countAttempts(
  tx: Db,
  counted: readonly Counted[],
  now: number,
): Promise<Pick<AttemptRow, 'key' | 'failures'>[]> {
  return tx
    .insertInto('sign_in_attempts')
    .values(
      counted.map(({ key }) => ({ key, failures: 1, first_at: now, last_at: now, blocked_until: null })),
    )
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet((eb) => {
          const isNew = eb.or([
            eb('sign_in_attempts.failures', '=', 0),
            ...counted.map(({ key, expiredBefore }) =>
              eb('sign_in_attempts.key', '=', key).and('sign_in_attempts.last_at', '<', expiredBefore),
            ),
          ])
          return {
            failures: eb
              .case()
              .when(isNew)
              .then(1)
              .else(eb('sign_in_attempts.failures', '+', 1))
              .end(),
            first_at: eb.case().when(isNew).then(now).else(eb.ref('sign_in_attempts.first_at')).end(),
            last_at: now,
            blocked_until: null,
          }
        })
        .where((eb) => eb(eb.fn.coalesce('sign_in_attempts.blocked_until', eb.lit(0)), '<=', now)),
    )
    .returning(['key', 'failures'])
    .execute()
}

export async function pauseAttempts(tx: Db, key: string, until: number): Promise<void> {
  await tx.updateTable('sign_in_attempts').set({ blocked_until: until }).where('key', '=', key).execute()
}

/** When the last pause of these keys ends; 0 without one. */
export async function pausedUntil(db: Db, keys: readonly string[]): Promise<number> {
  const row = await db
    .selectFrom('sign_in_attempts')
    .select(({ fn }) => fn.max('blocked_until').as('until'))
    .where('key', 'in', keys)
    .executeTakeFirst()
  return row?.until ?? 0
}

/** Takes a failure back. A pause ends where fewer than `freeFailures` are left, and the row goes with the last one. */
export async function uncountAttempt(tx: Db, key: string, freeFailures: number): Promise<void> {
  const deleted = await tx
    .deleteFrom('sign_in_attempts')
    .where('key', '=', key)
    .where('failures', '<=', 1)
    .executeTakeFirst()
  if (deleted.numDeletedRows > 0n) return
  await tx
    .updateTable('sign_in_attempts')
    .set((eb) => ({
      failures: eb('failures', '-', 1),
      blocked_until: eb
        .case()
        .when('failures', '<=', freeFailures)
        .then(null)
        .else(eb.ref('blocked_until'))
        .end(),
    }))
    .where('key', '=', key)
    .execute()
}

export async function deleteAttempts(tx: Db, key: string): Promise<void> {
  await tx.deleteFrom('sign_in_attempts').where('key', '=', key).execute()
}

/** The rows whose key starts with the prefix; the prefix ends in a separator. */
export async function listAttempts(db: Db, prefix: string): Promise<AttemptRow[]> {
  const query = db.selectFrom('sign_in_attempts').selectAll()
  return query.where('key', '>=', prefix).where('key', '<', endOfPrefix(prefix)).orderBy('key').execute()
}

export async function deleteAttemptsUnder(db: Db, prefix: string): Promise<void> {
  await db
    .deleteFrom('sign_in_attempts')
    .where('key', '>=', prefix)
    .where('key', '<', endOfPrefix(prefix))
    .execute()
}

/** Deletes rows whose last failure is older, at most `limit` of them. @returns how many rows were deleted */
export async function deleteAttemptsBefore(db: Db, lastAt: number, limit: number): Promise<number> {
  const old = db.selectFrom('sign_in_attempts').select('key').where('last_at', '<', lastAt).limit(limit)
  const result = await db.deleteFrom('sign_in_attempts').where('key', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** The first text after everything that starts with the prefix: keys are compared byte by byte. */
function endOfPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

const ticketPurposes = ['verify_email', 'reset_password'] as const
export type TicketPurpose = (typeof ticketPurposes)[number]

/** A one-time link for a user. The store has only the hash of its token. */
export interface Ticket {
  purpose: TicketPurpose
  userId: string
  /** The address the link was issued for. The link is invalid once the user has another address. */
  email: string
  /** Of a change of the address, to which the link was mailed. The user has it once the link is followed. */
  newEmail?: string
  /** Where the last page links to, if the issuer of the ticket set it. */
  resultUrl?: string
  clientId?: string
  markEmailVerified: boolean
}

type TicketData = Omit<Ticket, 'purpose' | 'userId'>

/** `first_owner` is valid only while there is no owner. `owner` creates or restores an owner at any time. */
const ownerTicketPurposes = ['first_owner', 'owner'] as const
export type OwnerTicketPurpose = (typeof ownerTicketPurposes)[number]

type Purpose = TicketPurpose | OwnerTicketPurpose

interface Times {
  now: number
  expiresAt: number
}

export async function insertTicket(db: Db, token: string, ticket: Ticket, times: Times): Promise<void> {
  const { purpose, userId, ...data } = ticket
  await insertRow(db, token, { purpose, user_id: userId, data: data satisfies TicketData }, times)
}

export async function insertOwnerTicket(
  db: Db,
  token: string,
  purpose: OwnerTicketPurpose,
  times: Times,
): Promise<void> {
  await insertRow(db, token, { purpose, user_id: null, data: {} }, times)
}

async function insertRow(
  db: Db,
  token: string,
  row: { purpose: Purpose; user_id: string | null; data: object },
  { now, expiresAt }: Times,
): Promise<void> {
  const { purpose, user_id, data } = row
  await db
    .insertInto('tickets')
    .values({
      token_hash: sha256(token),
      purpose,
      user_id,
      data: toJson(data),
      created_at: now,
      expires_at: expiresAt,
      used_at: null,
    })
    .execute()
}

/** The ticket, if it has this purpose and is neither used nor expired. */
export async function findTicket(
  db: Db,
  token: string,
  purpose: TicketPurpose,
  now: number,
): Promise<Ticket | undefined> {
  const row = await usableTicket(db, token, now)
    .select(['user_id', 'data'])
    .where('purpose', '=', purpose)
    .executeTakeFirst()
  if (!row || row.user_id === null) return undefined
  return { purpose, userId: row.user_id, ...fromJson<TicketData>(row.data) }
}

/** The purpose of an owner ticket that is neither used nor expired. */
export async function findOwnerTicket(
  db: Db,
  token: string,
  now: number,
): Promise<OwnerTicketPurpose | undefined> {
  const row = await usableTicket(db, token, now).select('purpose').executeTakeFirst()
  return ownerTicketPurposes.find((purpose) => purpose === row?.purpose)
}

function usableTicket(db: Db, token: string, now: number) {
  return db
    .selectFrom('tickets')
    .where('token_hash', '=', sha256(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
}

/** @returns whether this call used the ticket: it is one statement, so only one of several callers succeeds */
export async function useTicket(tx: Db, token: string, now: number): Promise<boolean> {
  return markUsed(tx, token, ticketPurposes, now)
}

/** As `useTicket`. Deletes all other unused owner tickets. */
export async function useOwnerTicket(tx: Db, token: string, now: number): Promise<boolean> {
  const isUsed = await markUsed(tx, token, ownerTicketPurposes, now)
  if (isUsed)
    await tx
      .deleteFrom('tickets')
      .where('purpose', 'in', ownerTicketPurposes)
      .where('used_at', 'is', null)
      .execute()
  return isUsed
}

async function markUsed(tx: Db, token: string, purposes: readonly Purpose[], now: number): Promise<boolean> {
  const result = await tx
    .updateTable('tickets')
    .set({ used_at: now })
    .where('token_hash', '=', sha256(token))
    .where('purpose', 'in', purposes)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Deletes every link of the user, used or not. */
export async function deleteTicketsOf(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('tickets').where('user_id', '=', userId).execute()
}

/** How many links with this purpose were issued for a user after `since`. */
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

/** Housekeeping only: an expired ticket cannot be used while it is stored. @returns how many rows were deleted */
export async function deleteExpiredTickets(db: Db, now: number, limit = 1_000): Promise<number> {
  const expired = db.selectFrom('tickets').select('token_hash').where('expires_at', '<', now).limit(limit)
  const result = await db.deleteFrom('tickets').where('token_hash', 'in', expired).executeTakeFirst()
  return Number(result.numDeletedRows)
}
