import type { Selectable } from 'kysely'
import type { Listing } from '../http/paging.ts'
import type { OutboxTable } from '../store/schema.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'

/** A message that waits, was sent, or was given up. Times are epoch milliseconds. */
export interface Mail {
  id: string
  recipient: string
  subject: string
  text: string
  html: string
  createdAt: number
  sentAt?: number
  attempts: number
  /** The time of the next attempt. Absent when it was sent or given up, or when there is no mail server. */
  retryAt?: number
  error?: string
}

export async function insertMail(
  db: Db,
  mail: Pick<Mail, 'id' | 'recipient' | 'subject' | 'text' | 'html' | 'createdAt'> & {
    retryAt: number | null
  },
): Promise<void> {
  const { createdAt, retryAt, ...row } = mail
  await db
    .insertInto('outbox')
    .values({ ...row, created_at: createdAt, retry_at: retryAt, attempts: 0, sent_at: null, error: null })
    .execute()
}

export async function dueMail(db: Db, now: number, limit: number): Promise<Mail[]> {
  const rows = await db
    .selectFrom('outbox')
    .selectAll()
    .where('retry_at', '<=', now)
    .orderBy('retry_at')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** How many messages wait for their delivery. */
export function countWaitingMail(db: Db): Promise<number> {
  return countRows(db.selectFrom('outbox').where('retry_at', 'is not', null))
}

/** Of the latest messages, those that could not be sent so far, newest first. */
export async function listUnsentMail(db: Db, latest: number): Promise<Mail[]> {
  const rows = await db
    .selectFrom('outbox')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(latest)
    .execute()
  return rows.map(fromRow).filter(({ sentAt, error }) => sentAt === undefined && error)
}

/** Claims a message for one attempt. @returns false when another server has claimed it */
export async function claimMail(db: Db, mail: Mail, until: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ retry_at: until })
    .where('id', '=', mail.id)
    .where('retry_at', '=', mail.retryAt ?? null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Deletes the body, because it holds a one-time link. */
export async function markSent(db: Db, id: string, now: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ sent_at: now, retry_at: null, error: null, text: '', html: '' })
    .where('id', '=', id)
    .execute()
}

export async function markFailed(
  db: Db,
  id: string,
  { attempts, retryAt, error }: { attempts: number; retryAt: number | null; error: string },
): Promise<void> {
  await db.updateTable('outbox').set({ attempts, retry_at: retryAt, error }).where('id', '=', id).execute()
}

/** Deletes messages older than a time, in any state. @returns how many were deleted */
export async function deleteOldMail(db: Db, before: number, limit = 1_000): Promise<number> {
  const old = db.selectFrom('outbox').select('id').where('created_at', '<', before).limit(limit)
  const result = await db.deleteFrom('outbox').where('id', 'in', old).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Newest first. */
export function listMail(db: Db): Listing<Mail> {
  const chosen = db.selectFrom('outbox')
  return {
    async slice({ after, offset, limit }) {
      const [createdAt = 0, id = ''] = after ?? []
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) =>
          query.where((eb) =>
            eb.or([
              eb('created_at', '<', Number(createdAt)),
              eb.and([eb('created_at', '=', Number(createdAt)), eb('id', '<', String(id))]),
            ]),
          ),
        )
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    count: () => countRows(chosen),
    cursor: ({ createdAt, id }) => [createdAt, id],
    cursorTypes: ['number', 'string'],
  }
}

function fromRow(row: Selectable<OutboxTable>): Mail {
  return {
    id: row.id,
    recipient: row.recipient,
    subject: row.subject,
    text: row.text,
    html: row.html,
    createdAt: row.created_at,
    attempts: row.attempts,
    ...(row.sent_at !== null && { sentAt: row.sent_at }),
    ...(row.retry_at !== null && { retryAt: row.retry_at }),
    ...(row.error !== null && { error: row.error }),
  }
}
