import type { Selectable } from 'kysely'
import type { LogsTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'
import type { LogEntry } from './log.ts'

/** A kept entry. */
export interface LogRecord extends LogEntry {
  logId: string
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
