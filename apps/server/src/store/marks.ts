import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { MarksTable } from './schema.ts'
import { chunks } from './sql.ts'
import type { Db } from './store.ts'
import { type Tx, transaction } from './transaction.ts'
import { fromJson, toJson } from './values.ts'

/** Why a mark was written. `authorization/events.ts` maps it to the type of an event. */
export type MarkReason = 'permissions' | 'session' | 'credential' | 'account'

/** What tokens may have lost or gained. It concerns the tokens that match every member that is present. */
export interface NewMark {
  effect: 'loss' | 'gain'
  reason: MarkReason
  /** A user's id, or `<client id>@clients`: the tokens of an application for itself. */
  subject?: string
  /** A client id: the tokens of users that the application was issued. */
  application?: string
  /** The identifier of an API. */
  audience?: string
  /** Absent: any. */
  permissions?: readonly string[]
}

export interface Mark extends NewMark {
  number: number
  at: number
}

/** A position in the list of marks. Numbers of different epochs cannot be compared. */
export interface Position {
  epoch: string
  number: number
}

/** A longer list is not stored: the mark then stands for any permission of its API. */
const maxPermissions = 100

/** The `sub` of the tokens of an application for itself. */
export const machineSubject = (clientId: string) => `${clientId}@clients`

/** The client id in the `sub` of an application's own tokens; undefined for a user, whose id begins with a prefix and `|`. */
export function clientOfSubject(subject: string): string | undefined {
  return /^([^|]+)@clients$/.exec(subject)?.[1]
}

const pending = new WeakMap<Db, (NewMark & { at: number })[]>()

/**
 * Adds a mark to the transaction. It is written with the change it is about, when the work of the transaction has ended.
 * One mark stands for all members of a role: it names the permission.
 */
export function mark({ db, now }: Tx, { permissions, ...rest }: NewMark): void {
  if (permissions?.length === 0) return
  const marks = pending.get(db) ?? []
  const isShort = permissions !== undefined && permissions.length <= maxPermissions
  marks.push({ ...rest, ...(isShort && { permissions: [...permissions] }), at: now })
  pending.set(db, marks)
}

/**
 * Writes the marks of a transaction, as its last statements. The row of the counter is locked until the commit, so the
 * next transaction gets a higher number and commits later: who sees a mark sees all marks before it.
 * @returns whether there were any
 */
export async function writeMarks(db: Db): Promise<boolean> {
  const marks = pending.get(db)
  if (marks === undefined) return false
  const { number: last } = await db
    .updateTable('mark_counter')
    .set((eb) => ({ number: eb('number', '+', marks.length) }))
    .returning('number')
    .executeTakeFirstOrThrow()
  const rows = marks.map((one, index) => ({
    number: last - marks.length + 1 + index,
    at: one.at,
    effect: one.effect,
    reason: one.reason,
    subject: one.subject ?? null,
    application: one.application ?? null,
    audience: one.audience ?? null,
    permissions: one.permissions === undefined ? null : toJson(one.permissions),
  }))
  for (const some of chunks(rows)) await db.insertInto('marks').values(some).execute()
  return true
}

/**
 * The position of the last mark. What is read afterwards contains every change up to it: call this first, and then read
 * the facts that a token is issued from.
 */
export function currentPosition(db: Db): Promise<Position> {
  return db.selectFrom('mark_counter').select(['epoch', 'number']).executeTakeFirstOrThrow()
}

/** Marks after a number, in order. */
export async function marksAfter(db: Db, number: number, limit: number): Promise<Mark[]> {
  const rows = await db
    .selectFrom('marks')
    .selectAll()
    .where('number', '>', number)
    .orderBy('number')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

function fromRow(row: Selectable<MarksTable>): Mark {
  const { number, at, effect, subject, application, audience, permissions } = row
  return {
    number,
    at,
    effect,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `writeMarks` wrote it.
    reason: row.reason as MarkReason,
    ...(subject !== null && { subject }),
    ...(application !== null && { application }),
    ...(audience !== null && { audience }),
    ...(permissions !== null && { permissions: fromJson<string[]>(permissions) }),
  }
}

/** The number of the oldest mark that is kept; one more than that of the last mark when there is none. */
export async function oldestMark(db: Db): Promise<number> {
  const row = await db.selectFrom('marks').select('number').orderBy('number').limit(1).executeTakeFirst()
  return row?.number ?? (await currentPosition(db)).number + 1
}

/**
 * Starts a new epoch, unless another server has replaced this one. Every token of an earlier epoch counts as older than a
 * change, so the marks are not needed any more.
 */
export function startEpoch(ctx: Parameters<typeof transaction>[0], epoch: string): Promise<Position> {
  return transaction(ctx, async ({ db }) => {
    const result = await db
      .updateTable('mark_counter')
      .set({ epoch: randomText() })
      .where('epoch', '=', epoch)
      .executeTakeFirst()
    if (result.numUpdatedRows > 0n) await db.deleteFrom('marks').execute()
    return currentPosition(db)
  })
}

const randomText = () => randomBytes(9).toString('base64url')

/** A token, as far as marks concern it. */
export interface MarkedToken {
  subject: string
  clientId: string
  /** Absent in tokens of earlier versions: the time of issue is compared then, which has a resolution of a second. */
  position: Position | undefined
  /** Seconds since the epoch. */
  issuedAt: number
}

/** Whether the subject or the application lost its tokens, at every API, after this one was issued. */
export function hasEnded(db: Db, token: MarkedToken): Promise<boolean> {
  return isOlderThanLoss(db, token, undefined)
}

/**
 * Whether something that a token for an API carries may have been lost after it was issued, as guards in live mode decide.
 * @param carried its permissions and scopes
 */
export function isStale(
  db: Db,
  token: MarkedToken,
  audience: string,
  carried: readonly string[],
): Promise<boolean> {
  return isOlderThanLoss(db, token, { audience, carried })
}

/** One indexed read besides that of the counter, and none while the counter is where it was when the token was issued. */
async function isOlderThanLoss(
  db: Db,
  token: MarkedToken,
  api: { audience: string; carried: readonly string[] } | undefined,
): Promise<boolean> {
  const { subject, clientId, position, issuedAt } = token
  const current = await currentPosition(db)
  if (position?.epoch === current.epoch && position.number === current.number) return false
  if (position !== undefined && position.epoch !== current.epoch) return true
  const application = subject === machineSubject(clientId) ? '' : clientId
  const losses = db
    .selectFrom('marks')
    .select(['application', 'permissions'])
    .where('effect', '=', 'loss')
    .where((eb) => (position ? eb('number', '>', position.number) : eb('at', '>=', issuedAt * 1_000)))
  const here = losses.where((eb) =>
    eb.or([eb('audience', 'is', null), ...(api ? [eb('audience', '=', api.audience)] : [])]),
  )
  let concerning = here
    .where('subject', '=', subject)
    .unionAll(here.where('application', '=', application).where('subject', 'is', null))
  if (api)
    concerning = concerning.unionAll(
      losses
        .where('audience', '=', api.audience)
        .where('subject', 'is', null)
        .where('application', 'is', null),
    )
  const rows = await concerning.execute()
  return rows.some(
    (row) =>
      (row.application === null || row.application === application) &&
      (row.permissions === null ||
        fromJson<string[]>(row.permissions).some((name) => api?.carried.includes(name))),
  )
}

/** Longer than any access token is valid. */
const keptMs = 31 * 24 * 60 * 60_000

/** Deletes marks that no valid token is older than, and subjects without a valid token. */
export async function deleteOldMarks(db: Db, now: number, limit = 1_000): Promise<number> {
  const old = db
    .selectFrom('marks')
    .select('number')
    .where('at', '<', now - keptMs)
    .orderBy('at')
    .limit(limit)
  const marks = await db.deleteFrom('marks').where('number', 'in', old).executeTakeFirst()
  return Number(marks.numDeletedRows)
}
