import type { Connection } from '../connections/connections.ts'
import type { Context } from '../context.ts'
import { hashOfNothing, hashPassword } from '../crypto/argon2.ts'
import { verifyPassword } from '../crypto/foreign-hash.ts'
import { BusyError } from '../crypto/work-queue.ts'
import { type LogEntry, writeLog } from '../logs/log.ts'
import { transaction } from '../store/transaction.ts'
import { findPasswordHash, findUserByEmail, renewPasswordHash } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { accountOf, longestIdentifier } from './accounts.ts'
import { admit, forgive, type Guess, withdraw } from './attempts.ts'
import { standInHash } from './stand-in.ts'

export interface SignInAttempt {
  connection: Connection
  /** What was typed: an address, in any case. */
  identifier: string
  password: string
  ip: string
  clientId?: string | undefined
  userAgent?: string | undefined
}

export type SignInOutcome =
  | { user: User }
  /** `blocked` only where the password was right: to anybody else a blocked account looks like a wrong password. */
  | { refused: 'wrong' | 'blocked' }
  | { refused: 'too_many_attempts' | 'busy'; retryAfterSeconds: number }

type Ctx = Pick<Context, 'store' | 'clock' | 'sealer'>

/**
 * Checks a password. An unknown account costs the same queries and the same hash as a known one, and gets the same
 * answer (ASVS 6.3.8). Failures are logged here; the success is the caller's to log, and to count with `recordSignIn`.
 */
export async function signIn(ctx: Ctx, attempt: SignInAttempt): Promise<SignInOutcome> {
  const account = accountOf(attempt.identifier)
  const guess: Guess = {
    connection: attempt.connection.name,
    account,
    ip: attempt.ip,
    protectAccount: attempt.connection.options.brute_force_protection !== false,
  }
  const admission = await admit(ctx, guess)
  if (!admission.admitted)
    return { refused: 'too_many_attempts', retryAfterSeconds: admission.retryAfterSeconds }

  const { db } = ctx.store
  const user = await findUserByEmail(db, attempt.connection.name, account)
  const hash = await findPasswordHash(db, user?.userId ?? '')
  const standIn = user ? hashOfNothing : await standInHash(ctx, attempt.connection.name, account)
  const verdict = await verify(attempt.password, hash ?? standIn)
  if (verdict === 'busy') {
    await transaction(ctx, (tx) => withdraw(tx, guess))
    return { refused: 'busy', retryAfterSeconds: new BusyError().retryAfterSeconds }
  }
  if (!user || !hash || !verdict.ok) {
    await logFailure(ctx, attempt, user, admission.pauses)
    return { refused: 'wrong' }
  }
  await transaction(ctx, (tx) => forgive(tx, guess))
  if (verdict.outdated) await renew(ctx, user, hash, attempt.password)
  if (!user.blocked) return { user }
  await writeLog(db, { ...entryOf(ctx, attempt, user), type: 'f', description: 'User is blocked' })
  return { refused: 'blocked' }
}

async function verify(password: string, hash: string) {
  try {
    return await verifyPassword(password, hash)
  } catch (error) {
    if (error instanceof BusyError) return 'busy'
    throw error
  }
}

/** A hash of older parameters, or an imported one, is renewed while the password is at hand; a busy moment leaves it for the next time. */
async function renew(ctx: Ctx, user: User, hash: string, password: string): Promise<void> {
  try {
    await renewPasswordHash(ctx.store.db, user.userId, hash, await hashPassword(password))
  } catch (error) {
    if (!(error instanceof BusyError)) throw error
  }
}

async function logFailure(
  ctx: Ctx,
  attempt: SignInAttempt,
  user: User | undefined,
  pauses: { account: boolean; network: boolean },
): Promise<void> {
  const { db } = ctx.store
  const entry = entryOf(ctx, attempt, user)
  await writeLog(
    db,
    user
      ? { ...entry, type: 'fp', description: 'Wrong email or password.' }
      : { ...entry, type: 'fu', description: 'Wrong email or password: there is no such user.' },
  )
  if (pauses.account)
    await writeLog(db, {
      ...entry,
      type: 'limit_wc',
      description: 'Too many wrong passwords for one account from one address',
    })
  if (pauses.network)
    await writeLog(db, {
      ...entry,
      type: 'limit_mu',
      description: 'Too many wrong passwords from one address',
    })
}

function entryOf(
  ctx: Ctx,
  attempt: SignInAttempt,
  user: User | undefined,
): Omit<LogEntry, 'type' | 'description'> {
  return {
    date: ctx.clock(),
    clientId: attempt.clientId,
    userId: user?.userId,
    userName: attempt.identifier.slice(0, longestIdentifier).toWellFormed(),
    connection: attempt.connection.name,
    ip: attempt.ip,
    userAgent: attempt.userAgent,
  }
}
