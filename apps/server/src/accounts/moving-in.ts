import { email as emailSchema } from '@rolecall/contract'
import type { Connection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { verifyPassword } from '../crypto/foreign-hash.ts'
import { BusyError, isTooLong } from '../crypto/hashing-queue.ts'
import { ApiError } from '../http/api-error.ts'
import { askForPassword, askForUser, hostOf, migrationOf } from '../lazy-migration/ask.ts'
import { type Moved, moveUser } from '../lazy-migration/move.ts'
import type { OldUser, Refusal } from '../lazy-migration/old-user.ts'
import { writeLog } from '../logs/log.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { findPasswordHash, findUserByEmail, putFirstHash } from '../users/store.ts'
import { prefixedId, type User } from '../users/user.ts'
import { logFields, type Origin } from './accounts.ts'

/**
 * Log-ins, sign-ups and password resets of people whose account, or password, is still at the server of a connection's
 * lazy migration.
 */

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

interface LogIn extends Origin {
  connection: Connection
  /** The address, as it is stored. */
  account: string
  password: string
}

/**
 * Tries the password at the other server. If it is right, the account is created in one transaction, or an account
 * without a password gets this one. The caller has counted the attempt.
 * @param known the account here, which has no password
 * @returns undefined where no other server is asked
 */
export async function moveIn(
  ctx: Deps,
  logIn: LogIn,
  known: User | undefined,
): Promise<{ user: User } | Refusal | undefined> {
  const { connection, account: email, password, ip } = logIn
  const settings = migrationOf(connection)
  if (!settings || password === '' || isTooLong(password) || !emailSchema.safeParse(email).success)
    return undefined
  const answer = await askForPassword(ctx, connection, settings, { email, password, ip })
  // A server that repeats the password in its answer must not get it into the log.
  if ('refused' in answer) return { ...answer, reason: answer.reason.replaceAll(password, '[password]') }
  try {
    const hash = await hashPassword(password)
    const from = hostOf(settings)
    if (known) return await takePassword(ctx, logIn, known, answer.user, { hash, from })
    const { user } = await transaction(ctx, (tx) =>
      moveAndLog(tx, logIn, connection, answer.user, { hash, from }),
    )
    return { user }
  } catch (error) {
    if (error instanceof BusyError)
      return {
        refused: 'busy',
        reason: 'Too many passwords wait to be hashed',
        retryAfterSeconds: error.retryAfterSeconds,
      }
    if (error instanceof ApiError && error.statusCode === 409) return openedMeanwhile(ctx, logIn)
    throw error
  }
}

/** Another log-in of the same person created the account, or it has the id or the user name of another one. */
async function openedMeanwhile(
  { store: { db } }: Deps,
  { connection, account, password }: LogIn,
): Promise<{ user: User } | Refusal> {
  const user = await findUserByEmail(db, connection.name, account)
  const hash = user && (await findPasswordHash(db, user.userId))
  return user && hash && (await verifyPassword(password, hash)).ok
    ? { user }
    : { refused: 'wrong', reason: 'Another account here has the id or the user name that it answered' }
}

interface Source {
  hash?: string
  /** The host of the other server. */
  from: string
}

async function takePassword(
  ctx: Deps,
  logIn: LogIn,
  known: User,
  { profile }: OldUser,
  { hash, from }: Required<Source>,
): Promise<{ user: User } | Refusal> {
  if (profile.userId === undefined || prefixedId(profile.userId) !== known.userId)
    return { refused: 'wrong', reason: 'The account here has another id' }
  const isFirst = await transaction(ctx, async ({ db, now }) => {
    if (!(await putFirstHash(db, known.userId, hash, now))) return false
    const description = `The password was taken over from ${from}`
    await writeLog(db, {
      ...logFields(logIn, logIn.connection.name, known),
      type: 'scp',
      description,
      date: now,
    })
    return true
  })
  return isFirst ? { user: known } : openedMeanwhile(ctx, logIn)
}

async function moveAndLog(
  tx: Tx,
  origin: Origin,
  connection: Connection,
  old: OldUser,
  { hash, from }: Source,
): Promise<Moved> {
  const moved = await moveUser(tx, connection, old, hash)
  const { details, ...fields } = logFields(origin, connection.name, moved.user)
  const { roles, permissions } = moved
  await writeLog(tx.db, {
    ...fields,
    type: 'ss',
    description: `Moved in from ${from}`,
    date: tx.now,
    details: { ...details, lazy_migration: { roles, permissions } },
  })
  return moved
}

/** Whether the other server has an account with this address: no one else may sign up with it. */
export async function isTakenThere(
  ctx: Deps,
  connection: Connection,
  email: string,
): Promise<boolean | Extract<Refusal, { retryAfterSeconds: number }>> {
  const settings = migrationOf(connection)
  if (!settings) return false
  const answer = await askForUser(ctx, connection, settings, email)
  if (answer === 'cannot_look_up') return false
  if ('retryAfterSeconds' in answer) return answer
  return 'user' in answer || answer.refused === 'not_moved'
}

/**
 * Creates the account of a person who requests a new password before they have moved. It has no password until they set
 * one, or log in with the one that they have.
 */
export async function moveForReset(
  ctx: Deps,
  connection: Connection,
  email: string,
  origin: Origin,
): Promise<User | { reason: string }> {
  const nobody = { reason: 'there is no such user' }
  const settings = migrationOf(connection)
  if (!settings || !emailSchema.safeParse(email).success) return nobody
  const answer = await askForUser(ctx, connection, settings, email)
  const from = hostOf(settings)
  if (answer === 'cannot_look_up') return nobody
  if ('refused' in answer) return { reason: `${nobody.reason}. ${from}: ${answer.reason}` }
  try {
    const { user } = await transaction(ctx, (tx) => moveAndLog(tx, origin, connection, answer.user, { from }))
    return user
  } catch (error) {
    if (!(error instanceof ApiError) || error.statusCode !== 409) throw error
    return (
      (await findUserByEmail(ctx.store.db, connection.name, email)) ?? {
        reason: `another account has the id that ${from} answered`,
      }
    )
  }
}
