import { randomInt } from 'node:crypto'
import type { Db } from '../store/store.ts'
import { insertLogs, type LogEntry, type LogRecord, namesOf, startOfId } from './store.ts'

/**
 * Writes an entry. In a transaction it is committed or rolled back together with the change that it records.
 * @returns its id
 */
export async function writeLog(db: Db, entry: LogEntry): Promise<string> {
  const record = toRecord(entry)
  await insertLogs(db, await withNames(db, [record]))
  return record.logId
}

/**
 * Writes several entries with one statement, after one that reads names where they are missing.
 * @param earliest no id is of an earlier time
 */
export async function writeLogs(db: Db, entries: readonly LogEntry[], earliest = 0): Promise<void> {
  const records = entries.map((entry) => toRecord(entry, earliest))
  await insertLogs(db, await withNames(db, records))
}

/** An entry that has the id of a user or an application alone gets the name of now, under which it is read later. */
async function withNames(db: Db, records: readonly LogRecord[]): Promise<LogRecord[]> {
  const user = records.flatMap(({ userId, userName }) => (userName === undefined ? (userId ?? []) : []))
  const client = records.flatMap(({ clientId, clientName }) =>
    clientName === undefined ? (clientId ?? []) : [],
  )
  const found = await namesOf(db, { user, client }, undefined)
  const nameOf = (type: string, id: string | undefined) =>
    cleaned(found.find((target) => target.type === type && target.id === id)?.name)
  return records.map((record) => ({
    ...record,
    userName: record.userName ?? nameOf('user', record.userId),
    clientName: record.clientName ?? nameOf('client', record.clientId),
  }))
}

function toRecord({ details, targets, ...entry }: LogEntry, earliest = 0): LogRecord {
  return {
    logId: nextLogId(Math.max(entry.date, earliest)),
    date: entry.date,
    type: oneLine(entry.type),
    description: oneLine(entry.description),
    clientId: cleaned(entry.clientId),
    clientName: cleaned(entry.clientName),
    userId: cleaned(entry.userId),
    userName: cleaned(entry.userName),
    connection: cleaned(entry.connection),
    ...(entry.strategy !== undefined && { strategy: entry.strategy }),
    ip: cleaned(entry.ip),
    userAgent: cleaned(entry.userAgent),
    audience: cleaned(entry.audience),
    scope: cleaned(entry.scope),
    ...(details && { details: redactMembers(details) }),
    ...(targets && { targets }),
  }
}

const cleaned = (text: string | undefined) => (text === undefined ? undefined : oneLine(text))

const maxTextLength = 2_048

/** A line break or control character could forge a second entry where logs are printed (CWE-117). */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, maxTextLength)
}

let lastStart = ''
let counter = 0

/**
 * Ids sort as text in the order of their times, and within a millisecond in the order of writing: the time, a counter,
 * and random digits that keep two servers apart.
 */
export function nextLogId(date: number): string {
  const start = startOfId(date)
  counter = start === lastStart ? counter + 1 : 0
  lastStart = start
  return `${start}${String(counter).padStart(9, '0')}${String(randomInt(1e12)).padStart(12, '0')}`
}

/** Members whose value is a secret in a body, a query or a token response. */
const secretMembers =
  /^(password|new_?password|old_?password|password_hash|custom_password_hash|secret|client_?secret|secret_?hash|signing_?secret|authorization|cookie|set-cookie|.*_token|token|ticket|code|code_verifier|client_assertion|assertion|private_?key|sealed_?jwk|api_?key|hash)$/i

const maxDepth = 8
/** A longer list or object is cut off in an entry. */
export const maxLoggedMembers = 200

/** A copy for the log: secrets become `[redacted]`, very deep or wide values are cut off. */
function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.length > 4_096 ? `${value.slice(0, 4_096)}…` : value
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return '…'
  if (Array.isArray(value)) return value.slice(0, maxLoggedMembers).map((item) => redact(item, depth + 1))
  return redactMembers(value, depth)
}

/** As `redact`, for an object. */
function redactMembers(object: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object)
      .slice(0, maxLoggedMembers)
      .map(([key, member]) => [key, secretMembers.test(key) ? '[redacted]' : redact(member, depth + 1)]),
  )
}
