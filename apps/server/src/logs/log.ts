import { randomInt } from 'node:crypto'
import type { Db } from '../store/store.ts'
import { redactMembers } from './redact.ts'
import { insertLogs, type LogRecord } from './store.ts'

/** Something that happened. `type` is one of Auth0's codes: https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes */
export interface LogEntry {
  type: string
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

/** Keeps an entry. Inside a transaction it is kept or lost together with what it tells of. */
export async function writeLog(db: Db, entry: LogEntry): Promise<void> {
  await writeLogs(db, [entry])
}

/** Keeps several entries in one statement. */
export async function writeLogs(db: Db, entries: readonly LogEntry[]): Promise<void> {
  await insertLogs(db, entries.map(toRecord))
}

function toRecord({ details, ...entry }: LogEntry): LogRecord {
  return {
    logId: nextLogId(entry.date),
    date: entry.date,
    type: oneLine(entry.type),
    description: oneLine(entry.description),
    clientId: cleaned(entry.clientId),
    clientName: cleaned(entry.clientName),
    userId: cleaned(entry.userId),
    userName: cleaned(entry.userName),
    connection: cleaned(entry.connection),
    ip: cleaned(entry.ip),
    userAgent: cleaned(entry.userAgent),
    audience: cleaned(entry.audience),
    scope: cleaned(entry.scope),
    ...(details && { details: redactMembers(details) }),
  }
}

const cleaned = (text: string | undefined) => (text === undefined ? undefined : oneLine(text))

const longestText = 2_048

/** Line breaks and other control characters could forge a second entry where logs are printed (CWE-117). */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, longestText)
}

let lastTime = ''
let counter = 0

/**
 * Ids sort as text in the order of their times, and within a millisecond in the order of writing: `900`, the time in
 * UTC to the millisecond, a counter, and random digits that keep two servers apart.
 */
export function nextLogId(date: number): string {
  const time = new Date(date).toISOString().replace(/\D/g, '')
  counter = time === lastTime ? counter + 1 : 0
  lastTime = time
  return `900${time}${String(counter).padStart(9, '0')}${String(randomInt(1e12)).padStart(12, '0')}`
}
