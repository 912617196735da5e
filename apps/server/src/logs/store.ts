import type { ChangeTarget, LogType } from '@rolecall/contract'
import { type Selectable, sql } from 'kysely'
import type { LogsTable } from '../store/schema.ts'
import { chunks } from '../store/sql.ts'
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
  /** Of the connection, where it is not that of the user's id. */
  strategy?: string | undefined
  ip?: string | undefined
  userAgent?: string | undefined
  audience?: string | undefined
  scope?: string | undefined
  details?: Record<string, unknown> | undefined
  /** What the entry is about. */
  targets?: readonly ChangeTarget[] | undefined
}

/** A stored entry. */
export interface LogRecord extends Omit<LogEntry, 'type'> {
  logId: string
  /** An earlier version may have written a type that this one does not write. */
  type: string
}

export async function insertLogs(db: Db, records: readonly LogRecord[]): Promise<void> {
  if (records.length > 0) await db.insertInto('logs').values(records.map(toRow)).execute()
  const targets = records.flatMap(toTargetRows)
  for (const rows of chunks(targets)) await db.insertInto('log_targets').values(rows).execute()
}

/** A permission is part of its API, which is a target too. */
function toTargetRows({ logId, targets = [] }: LogRecord) {
  const ids = targets.filter(({ type }) => type !== 'permission').map(({ id }) => id)
  return [...new Set(ids)].map((id) => ({ target_id: id, log_id: logId }))
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

/** Deletes entries older than a time, the oldest first. @returns how many were deleted */
export async function deleteOldLogs(db: Db, before: number, limit = 1_000): Promise<number> {
  const old = await db
    .selectFrom('logs')
    .select('log_id')
    .where('log_id', '<', startOfId(before))
    .orderBy('log_id')
    .limit(limit)
    .execute()
  const last = old.at(-1)?.log_id
  if (last === undefined) return 0
  await db.deleteFrom('log_targets').where('log_id', '<=', last).execute()
  const result = await db.deleteFrom('logs').where('log_id', '<=', last).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** The entries for changes of an object after an entry, oldest first. */
export async function changesSince(
  db: Db,
  targetId: string,
  logId: string,
  limit: number,
): Promise<LogRecord[]> {
  const rows = await db
    .selectFrom('log_targets')
    .crossJoin('logs')
    .whereRef('logs.log_id', '=', 'log_targets.log_id')
    .selectAll('logs')
    .where('log_targets.target_id', '=', targetId)
    .where('log_targets.log_id', '>', logId)
    .orderBy('log_targets.log_id')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

export const msPerDay = 86_400_000

interface TypeCount {
  type: string
  count: number
}

/** Counts entries of some types by day (since 1970, in UTC). */
export async function countByDay(
  db: Db,
  fromDay: number,
  toDay: number,
  types: readonly string[],
): Promise<(TypeCount & { day: number })[]> {
  const rows = await countBy(db, 'YYYYMMDD'.length, fromDay * msPerDay, (toDay + 1) * msPerDay, types)
  return rows.map(({ type, count, time }) => ({ type, count, day: time / msPerDay }))
}

export const msPerHour = 3_600_000

/** Counts entries of some types by hour (since 1970). */
export async function countByHour(
  db: Db,
  fromHour: number,
  toHour: number,
  types: readonly string[],
): Promise<(TypeCount & { hour: number })[]> {
  const rows = await countBy(db, 'YYYYMMDDhh'.length, fromHour * msPerHour, (toHour + 1) * msPerHour, types)
  return rows.map(({ type, count, time }) => ({ type, count, hour: time / msPerHour }))
}

/**
 * Counts entries by type and time. Both are part of the index by type, as ids begin with the time, so that no row is read.
 * @param digits the length of the times that are counted together, such as 8 for days
 */
async function countBy(
  db: Db,
  digits: number,
  from: number,
  to: number,
  types: readonly string[],
): Promise<(TypeCount & { time: number })[]> {
  const time = sql<string>`substr(log_id, ${sql.lit(idStart.length + 1)}, ${sql.lit(digits)})`
  const rows = await db
    .selectFrom('logs')
    .select((eb) => [time.as('time'), 'type', eb.fn.countAll().as('count')])
    .where('type', 'in', types)
    .where('log_id', '>=', startOfId(from))
    .where('log_id', '<', startOfId(to))
    .groupBy([time, 'type'])
    .execute()
  return rows.map((row) => ({ type: row.type, count: Number(row.count), time: readTime(row.time) }))
}

function readTime(digits: string): number {
  const [, year = '', month = '', day = '', hour = '00'] = /^(\d{4})(\d\d)(\d\d)(\d\d)?$/.exec(digits) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`)
}

const idStart = '900'
/** Later years have more than four digits. */
const latest = Date.UTC(10_000, 0)

/** How the ids of entries of this time begin: `900` and the time in UTC to the millisecond. They sort as the times do. */
export function startOfId(date: number): string {
  if (date >= latest) return '901'
  return `${idStart}${new Date(date).toISOString().replace(/\D/g, '')}`
}

/** A permission: the identifier of its API and its name. */
interface PermissionName {
  api: string
  permission: string
}

/** The objects that a change names, by their ids. An API may also be named by its identifier. */
export type ChangedObjects = Partial<
  Record<Exclude<ChangeTarget['type'], 'permission'>, string | readonly string[]>
> & { permission?: readonly PermissionName[] }

/** What objects are called in the transaction of the change. One that was deleted in it keeps the given name. */
export async function namesOf(
  db: Db,
  { permission = [], ...objects }: ChangedObjects,
  deleted: string | undefined,
): Promise<ChangeTarget[]> {
  const targets: ChangeTarget[] = permission.map((one) => ({
    type: 'permission',
    id: one.permission,
    name: one.permission,
  }))
  const apis = permission.map(({ api }) => api)
  const ids = { ...objects, ...(apis.length > 0 && { api: apis }) }
  for (const type of types) {
    const asked = [...new Set([ids[type] ?? []].flat())]
    if (asked.length === 0) continue
    const found = await read[type](db, asked)
    const known = found.map(({ id, name }) => ({ type, id, name }))
    if (found.length > 0 || deleted === undefined) targets.push(...known)
    else targets.push(...asked.map((id) => ({ type, id, name: deleted })))
  }
  return targets
}

const types = ['user', 'role', 'api', 'client', 'connection'] as const

interface Named {
  id: string
  name: string
}

const read: Record<(typeof types)[number], (db: Db, ids: string[]) => Promise<Named[]>> = {
  user: (db, ids) =>
    db.selectFrom('users').select(['user_id as id', 'email as name']).where('user_id', 'in', ids).execute(),
  role: (db, ids) => db.selectFrom('roles').select(['id', 'name']).where('id', 'in', ids).execute(),
  api: (db, ids) =>
    db
      .selectFrom('apis')
      .select(['id', 'name'])
      .where((eb) => eb.or([eb('id', 'in', ids), eb('identifier', 'in', ids)]))
      .execute(),
  client: (db, ids) =>
    db.selectFrom('applications').select(['client_id as id', 'name']).where('client_id', 'in', ids).execute(),
  connection: (db, ids) =>
    db.selectFrom('connections').select(['id', 'name']).where('id', 'in', ids).execute(),
}
