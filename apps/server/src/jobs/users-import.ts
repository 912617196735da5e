import { type ImportedUser, importedUser, type JobError } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { type ForeignHash, toStored } from '../crypto/foreign-hash.ts'
import { ApiError, invalidBody, userExists } from '../http/api-error.ts'
import { whyRefused } from '../http/input-bounds.ts'
import type { Caller } from '../http/management-app.ts'
import { writeLog } from '../logs/log.ts'
import { redact, redactMembers } from '../logs/redact.ts'
import { keepingAnOwner } from '../roles/ownership.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { updateUser } from '../users/update-user.ts'
import { createUser, findUserByEmail } from '../users/users.ts'
import { userChangesFromWire, userFromWire } from '../users/wire.ts'
import { parseCustomHash, parsePasswordHash } from './imported-hash.ts'
import type { Job } from './jobs.ts'
import { saveJob } from './store.ts'

type Ground = Pick<Context, 'store' | 'clock'>

export interface UsersImport {
  /** Name of the connection. */
  connection: string
  /** Changes users who are there already, instead of refusing them. */
  upsert: boolean
  /** Who asked: nobody changes a user who may do more than themselves. */
  caller: Caller
  users: unknown[]
}

/** @throws ApiError 400 for what is no JSON array of objects */
export function parseUsersFile(text: string): unknown[] {
  let users: unknown
  try {
    users = JSON.parse(text)
  } catch {
    throw invalidBody("'The file is not JSON' on property users.")
  }
  if (!Array.isArray(users)) throw invalidBody("'The file must hold an array' on property users.")
  const reason = whyRefused(users)
  if (reason !== undefined) throw invalidBody(`${reason} on property users.`)
  return users
}

const mostErrors = 1_000
const reportEvery = 100

/** Takes the users one by one; those that cannot be taken are told apart, with the reason, and keep nobody else back. */
export async function importUsers(ctx: Ground, job: Job, work: UsersImport): Promise<Job> {
  const summary = { total: work.users.length, inserted: 0, updated: 0, failed: 0 }
  const errors: JobError[] = []
  const progress = (done: number): Job => ({
    ...job,
    status: 'processing',
    data: {
      ...job.data,
      percentageDone: summary.total === 0 ? 100 : Math.floor((100 * done) / summary.total),
      summary,
      errors,
      aliveAt: ctx.clock(),
    },
  })
  for (const [index, given] of work.users.entries()) {
    if (index % reportEvery === 0) await saveJob(ctx.store.db, progress(index))
    try {
      summary[await importUser(ctx, work, given)]++
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.errorCode === 'insufficient_privilege') await logRefusal(ctx, job, work.caller, error)
      summary.failed++
      if (errors.length < mostErrors) errors.push(refusal(given, error))
    }
  }
  const status = summary.failed > 0 && summary.failed === summary.total ? 'failed' : 'completed'
  const finished: Job = { ...progress(summary.total), status, finishedAt: ctx.clock() }
  await saveJob(ctx.store.db, finished)
  return finished
}

async function importUser(
  ctx: Ground,
  { connection, upsert, caller }: UsersImport,
  given: unknown,
): Promise<'inserted' | 'updated'> {
  const parsed = importedUser.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalidBody(`'${issue?.message ?? 'unknown'}' on property ${issue?.path.join('.') ?? ''}.`)
  }
  const user = parsed.data
  const foreign = hashOf(user)
  const existing = await findUserByEmail(ctx.store.db, connection, user.email)
  if (!existing) {
    const stored = foreign && (await toStored(foreign))
    await createUser(ctx, {
      ...userFromWire({ ...user, connection }),
      ...(stored && { passwordHash: stored.hash, passwordScheme: stored.scheme }),
    })
    return 'inserted'
  }
  if (!upsert) throw userExists()
  await requireMayActOn(ctx.store.db, caller, existing.userId)
  // As in Auth0, an upsert changes neither the address nor the password.
  const { email: _, ...changes } = userChangesFromWire({ ...user })
  await keepingAnOwner(ctx, (ctx) => updateUser(ctx, existing.userId, changes))
  return 'updated'
}

/** As for a request that is refused: who tried to change a user that holds more, and whom. */
async function logRefusal(
  ctx: Ground,
  job: Job,
  caller: Caller,
  { message, target }: ApiError,
): Promise<void> {
  await writeLog(ctx.store.db, {
    type: 'fapi',
    description: `A user of an import was refused: ${message}`,
    date: ctx.clock(),
    clientId: caller.clientId,
    userId: caller.userId,
    details: { job_id: job.id, target },
  })
}

/** @throws ApiError 400 for a hash that cannot be computed here */
function hashOf({ password_hash, custom_password_hash }: ImportedUser): ForeignHash | undefined {
  if (password_hash !== undefined && custom_password_hash)
    throw invalidBody("'password_hash and custom_password_hash exclude each other'")
  if (custom_password_hash) return parseCustomHash(custom_password_hash)
  return password_hash === undefined ? undefined : parsePasswordHash(password_hash)
}

function refusal(given: unknown, error: ApiError): JobError {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  return {
    user: isObject ? redactMembers(given) : { value: redact(given) },
    errors: [{ code: error.errorCode ?? 'invalid', message: error.message }],
  }
}
