import type { JobError } from '@rolecall/contract'
import { findConnectionById } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { type PasswordRow, toStored } from '../crypto/foreign-hash.ts'
import { ApiError, userExists } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import { writeLog } from '../logs/log.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { findUser, findUserByEmail, isUsernameTaken, putImportedHash } from '../users/store.ts'
import { prefixedId, type User } from '../users/user.ts'
import { createUser, updateUser } from '../users/users.ts'
import { userChangesFromWire, userFromWire } from '../users/wire.ts'
import { type ReadRecord, readRecord, refusal } from './imported-user.ts'
import {
  type ActiveImport,
  type Batch,
  findJob,
  type ImportSettings,
  insertJobErrors,
  type Job,
  renewLease,
  saveJob,
  sealBatch,
  shortenBatch,
} from './store.ts'

/** The import cannot continue because its connection was deleted. */
export class ImportFailure extends Error {}
/** Another process has claimed the import, or it has ended. */
export class LostLease extends Error {}

type Ctx = Pick<Context, 'store' | 'clock' | 'sealer'>

type Prepared = { refused: JobError } | (Extract<ReadRecord, { user: unknown }> & { password?: PasswordRow })

/** Further errors are counted but not reported. */
const maxErrors = 10_000

/**
 * Imports the first `size` users of a batch. Users, errors and progress are written in one transaction: after a crash no
 * user is imported twice or lost.
 * @throws {ImportFailure}
 * @throws {LostLease}
 * @throws {BusyError} when too many passwords wait to be hashed
 */
export async function importBatch(ctx: Ctx, active: ActiveImport, batch: Batch, size: number): Promise<void> {
  const { jobId, settings } = active
  const connection = await findConnectionById(ctx.store.db, settings.connectionId)
  if (!connection) throw new ImportFailure('The connection was deleted')
  const prepared: Prepared[] = []
  for (const record of batch.records.slice(0, size)) {
    const read = readRecord(record, connection.name)
    // Hashing is slow and must not run inside a transaction.
    const password = 'hash' in read && read.hash ? await toStored(read.hash) : undefined
    prepared.push('refused' in read ? read : { ...read, ...(password && { password }) })
  }
  const rest = batch.records.slice(size)
  const sealed = rest.length > 0 ? sealBatch(ctx, jobId, rest) : undefined
  await transaction(ctx, async (tx) => {
    if (!(await renewLease(tx.db, active, tx.now))) throw new LostLease()
    const job = await findJob(tx.db, jobId)
    if (!job) throw new LostLease()
    const results: Result[] = []
    for (const one of prepared)
      results.push(await importUser(tx, { jobId, connection: connection.name, settings }, one))
    await shortenBatch(tx.db, jobId, batch.seq, sealed)
    await recordResults(tx, job, results)
  })
}

/** Records the first user of a batch as refused, because the store cannot write it. */
export async function refuseFirst(ctx: Ctx, active: ActiveImport, batch: Batch): Promise<void> {
  const { jobId } = active
  const [first, ...rest] = batch.records
  const sealed = rest.length > 0 ? sealBatch(ctx, jobId, rest) : undefined
  const error = new ApiError(500, `The user of line ${first?.line} could not be stored`, 'internal_error')
  await transaction(ctx, async (tx) => {
    if (!(await renewLease(tx.db, active, tx.now))) throw new LostLease()
    const job = await findJob(tx.db, jobId)
    if (!job) throw new LostLease()
    await shortenBatch(tx.db, jobId, batch.seq, sealed)
    await recordResults(tx, job, [{ refused: refusal(undefined, error) }])
  })
}

type Result = 'inserted' | 'updated' | { refused: JobError }

async function recordResults({ db }: Tx, job: Job, results: Result[]): Promise<void> {
  const summary = { ...(job.data.summary ?? { total: 0, inserted: 0, updated: 0, failed: 0 }) }
  const before = summary.inserted + summary.updated + summary.failed
  const errors: JobError[] = []
  for (const result of results) {
    if (typeof result === 'string') summary[result]++
    else if (++summary.failed <= maxErrors) errors.push(result.refused)
  }
  if (errors.length > 0) await insertJobErrors(db, job.id, before, errors)
  const percentageDone = Math.floor((100 * (before + results.length)) / Math.max(summary.total, 1))
  await saveJob(db, { ...job, status: 'processing', data: { ...job.data, percentageDone, summary } })
}

async function importUser(
  tx: Tx,
  { jobId, connection, settings }: { jobId: string; connection: string; settings: ImportSettings },
  prepared: Prepared,
): Promise<Result> {
  if ('refused' in prepared) return prepared
  const { user, password } = prepared
  const { db } = tx
  const existing = await findUserByEmail(db, connection, user.email)
  try {
    if (existing) {
      await updateExisting(tx, settings, existing, prepared)
      return 'updated'
    }
    // Checked before the insert, because a failed statement would roll back the users before this one.
    if (user.user_id !== undefined && (await findUser(db, prefixedId(user.user_id)))) throw userExists()
    if (user.username && (await isUsernameTaken(db, connection, user.username))) throw userExists()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.errorCode === 'insufficient_privilege') await logRefusal(tx, jobId, settings.caller, error)
    return { refused: refusal(user, error) }
  }
  await createUser(tx, {
    ...userFromWire({ ...user, connection }),
    ...(password && { passwordHash: password.hash, passwordScheme: password.scheme }),
  })
  return 'inserted'
}

/** As in Auth0, neither the address, the id, the block nor a password that was set here is changed. */
async function updateExisting(
  tx: Tx,
  settings: ImportSettings,
  existing: User,
  { user, password }: Extract<Prepared, { user: unknown }>,
): Promise<void> {
  if (!settings.upsert) throw userExists()
  await requireMayActOn(tx.db, callerFrom(settings.caller), existing.userId)
  const { emailVerified, name, nickname, picture, givenName, familyName, userMetadata, appMetadata } =
    userChangesFromWire({ ...user })
  const profile = { name, nickname, picture, givenName, familyName, userMetadata, appMetadata }
  await updateUser(tx, existing.userId, { emailVerified, ...profile })
  if (password && user.custom_password_hash) await putImportedHash(tx.db, existing.userId, password, tx.now)
}

/** Logs the caller and the user, as for a refused request, when the user holds more scopes than the caller. */
async function logRefusal(
  { db, now }: Tx,
  jobId: string,
  caller: ImportSettings['caller'],
  { message, target }: ApiError,
): Promise<void> {
  await writeLog(db, {
    type: 'fapi',
    description: `A user of an import was refused: ${message}`,
    date: now,
    clientId: caller.clientId,
    userId: caller.userId,
    details: { job_id: jobId, target },
  })
}

function callerFrom({ scopes, ...caller }: ImportSettings['caller']): Caller {
  return { ...caller, scopes: new Set(scopes) }
}
