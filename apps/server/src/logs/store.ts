import type { LogType } from '@rolecall/contract'
import { type Selectable, sql } from 'kysely'
import type { LogsTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** An event. `type` is one of Auth0's codes: https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes */
export interface LogEntry {
  type: LogType
  description: string
  /** Epoch milliseconds. */
  date: number
  clientId?: string | undefined
  clientName?: string | undefined
  userId?: string | undefined
  userName?: string | undefined
  connection?: string | undefined
  ip?: string | undefined
  userAgent?: string | undefined
  audience?: string | undefined
  scope?: string | undefined
  details?: Record<string, unknown> | undefined
}

/** A stored entry. */
export interface LogRecord extends Omit<LogEntry, 'type'> {
  logId: string
  /** An earlier version may have written a type that this one does not write. */
  type: string
}

export async function insertLogs(db: Db, records: readonly LogRecord[]): Promise<void> {
  if (records.length > 0) await db.insertInto('logs').values(records.map(toRow)).execute()
}

function toRow(record: LogRecord) {
  const { logId, date, type, clientId, userId, userName, ip, description, ...data } = record
  return {
    log_id: logId,
    date,
    type,
    client_id: clientId ?? null,
    user_id: userId ?? null,
    user_name: userName ?? null,
    ip: ip ?? null,
    description,
    data: toJson(data),
  }
}

export async function findLog(db: Db, logId: string): Promise<LogRecord | undefined> {
  const row = await db.selectFrom('logs').selectAll().where('log_id', '=', logId).executeTakeFirst()
  return row && fromRow(row)
}

export function fromRow(row: Selectable<LogsTable>): LogRecord {
  return {
    ...fromJson<Omit<LogEntry, 'type' | 'description' | 'date'>>(row.data),
    logId: row.log_id,
    date: row.date,
    type: row.type,
    description: row.description,
    ...(row.client_id !== null && { clientId: row.client_id }),
    ...(row.user_id !== null && { userId: row.user_id }),
    ...(row.user_name !== null && { userName: row.user_name }),
    ...(row.ip !== null && { ip: row.ip }),
  }
}

export const msPerDay = 86_400_000

/** Counts entries of some types by day (since 1970, in UTC). */
export async function countByDay(
  db: Db,
  fromDay: number,
  toDay: number,
  types: readonly string[],
): Promise<{ day: number; type: string; count: number }[]> {
  // Integers divide without a remainder in both databases.
  const day = sql<number>`date / ${sql.lit(msPerDay)}`
  const rows = await db
    .selectFrom('logs')
    .select((eb) => [day.as('day'), 'type', eb.fn.countAll().as('count')])
    .where('type', 'in', types)
    .where('date', '>=', fromDay * msPerDay)
    .where('date', '<', (toDay + 1) * msPerDay)
    .groupBy([day, 'type'])
    .execute()
  return rows.map((row) => ({ day: row.day, type: row.type, count: Number(row.count) }))
}

export const msPerHour = 3_600_000

/** Counts entries of some types by hour (since 1970). */
export async function countByHour(
  db: Db,
  fromHour: number,
  types: readonly string[],
): Promise<{ hour: number; type: string; count: number }[]> {
  const hour = sql<number>`date / ${sql.lit(msPerHour)}`
  const rows = await db
    .selectFrom('logs')
    .select((eb) => [hour.as('hour'), 'type', eb.fn.countAll().as('count')])
    .where('type', 'in', types)
    .where('date', '>=', fromHour * msPerHour)
    .groupBy([hour, 'type'])
    .execute()
  return rows.map((row) => ({ hour: row.hour, type: row.type, count: Number(row.count) }))
}
