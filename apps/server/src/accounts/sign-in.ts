import type { Connection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { hashOfNothing, hashPassword } from '../crypto/argon2.ts'
import { verifyPassword } from '../crypto/foreign-hash.ts'
import { BusyError } from '../crypto/hashing-queue.ts'
import type { Refusal } from '../lazy-migration/old-user.ts'
import { writeLog } from '../logs/log.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { count } from '../telemetry/operations.ts'
import { findUserWithHash, renewPasswordHash } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { accountOf, logFields, type Origin } from './accounts.ts'
import { admitAttempt, type PasswordAttempt, recordSuccess, withdrawAttempt } from './attempts.ts'
import { moveIn } from './moving-in.ts'
import { standInHash } from './stand-in.ts'

export interface SignInAttempt extends Origin {
  connection: Connection
  /** As typed: an address, in any spelling. */
  identifier: string
  password: string
  /** Writes what a success means for the caller, in the transaction that takes the attempt back. */
  onSuccess?: (tx: Tx, user: User) => Promise<void>
}

export type SignInOutcome =
  | { user: User }
  /**
   * `blocked` and `not_moved` only if the password was correct. Otherwise a blocked account is not distinguishable: `wrong`.
   * `not_moved`: the account is at the server of a lazy migration, and stays there.
   */
  | { refused: 'wrong' | 'blocked' | 'not_moved' }
  | { refused: 'too_many_attempts' | 'busy'; retryAfterSeconds: number }

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

/**
 * Checks a password. An unknown account costs the same queries and the same hash as a known one, and has the same
 * result (ASVS 6.3.8). Failures are logged here.
 */
export async function signIn(ctx: Deps, attempt: SignInAttempt): Promise<SignInOutcome> {
  const outcome = await checkPassword(ctx, attempt)
  if ('refused' in outcome) count({ kind: 'log_in', outcome: outcome.refused })
  return outcome
}

async function checkPassword(ctx: Deps, attempt: SignInAttempt): Promise<SignInOutcome> {
  const account = accountOf(attempt.identifier)
  const guess: PasswordAttempt = {
    connection: attempt.connection.name,
    account,
    ip: attempt.ip,
    protectAccount: attempt.connection.options.brute_force_protection !== false,
  }
  const admission = await admitAttempt(ctx, guess)
  if (!admission.admitted)
    return { refused: 'too_many_attempts', retryAfterSeconds: admission.retryAfterSeconds }

  const { user, hash } = (await findUserWithHash(ctx.store.db, attempt.connection.name, account)) ?? {}
  const standIn = user ? hashOfNothing : await standInHash(ctx, attempt.connection.name, account)
  const verification = await verify(attempt.password, hash ?? standIn)
  if (verification === 'busy') {
    await transaction(ctx, (tx) => withdrawAttempt(tx, guess))
    return { refused: 'busy', retryAfterSeconds: new BusyError().retryAfterSeconds }
  }
  if (!hash) return moveOrRefuse(ctx, attempt, guess, user, admission.pauses)
  if (!user || !verification.ok) {
    await logFailure(ctx, attempt, user, admission.pauses)
    return { refused: 'wrong' }
  }
  if (verification.outdated) await rehash(ctx, user, hash, attempt.password)
  return admit(ctx, attempt, guess, user)
}

/** There is no password here. The server of a lazy migration may have it. */
async function moveOrRefuse(
  ctx: Deps,
  attempt: SignInAttempt,
  guess: PasswordAttempt,
  user: User | undefined,
  pauses: { account: boolean; network: boolean },
): Promise<SignInOutcome> {
  const moved = await moveIn(ctx, { ...attempt, account: guess.account }, user)
  if (moved && 'user' in moved) return admit(ctx, attempt, guess, moved.user)
  if (moved && moved.refused !== 'wrong') return refuseMove(ctx, attempt, guess, user, moved)
  await logFailure(ctx, attempt, user, pauses, moved?.reason)
  return { refused: 'wrong' }
}

/** The password was right. */
async function admit(
  ctx: Deps,
  attempt: SignInAttempt,
  guess: PasswordAttempt,
  user: User,
): Promise<SignInOutcome> {
  await transaction(ctx, async (tx) => {
    await recordSuccess(tx, guess)
    if (!user.blocked) return attempt.onSuccess?.(tx, user)
    await writeLog(tx.db, { ...entryFor(ctx, attempt, user), type: 'f', description: 'User is blocked' })
  })
  return user.blocked ? { refused: 'blocked' } : { user }
}

/**
 * The server of the lazy migration did not decide. The attempt stays counted if it was asked, so that no one can send it
 * any number of requests.
 */
async function refuseMove(
  ctx: Deps,
  attempt: SignInAttempt,
  guess: PasswordAttempt,
  user: User | undefined,
  refusal: Exclude<Refusal, { refused: 'wrong' }>,
): Promise<SignInOutcome> {
  const { refused, reason } = refusal
  if (refused === 'busy') await transaction(ctx, (tx) => withdrawAttempt(tx, guess))
  const description = `The account could not be moved in. ${reason}`
  await writeLog(ctx.store.db, { ...entryFor(ctx, attempt, user), type: 'f', description })
  return 'retryAfterSeconds' in refusal
    ? { refused: 'busy', retryAfterSeconds: refusal.retryAfterSeconds }
    : { refused: 'not_moved' }
}

async function verify(password: string, hash: string) {
  try {
    return await verifyPassword(password, hash)
  } catch (error) {
    if (error instanceof BusyError) return 'busy'
    throw error
  }
}

/** Replaces an imported hash or one with old parameters. Skipped until the next sign-in if the hashing queue is full. */
async function rehash(ctx: Deps, user: User, hash: string, password: string): Promise<void> {
  try {
    await renewPasswordHash(ctx.store.db, user.userId, hash, await hashPassword(password))
  } catch (error) {
    if (!(error instanceof BusyError)) throw error
  }
}

async function logFailure(
  ctx: Deps,
  attempt: SignInAttempt,
  user: User | undefined,
  pauses: { account: boolean; network: boolean },
  movingIn?: string,
): Promise<void> {
  const { db } = ctx.store
  const entry = entryFor(ctx, attempt, user)
  const asked = movingIn === undefined ? '' : ` The server of the lazy migration was asked. ${movingIn}.`
  await writeLog(
    db,
    user
      ? { ...entry, type: 'fp', description: `Wrong email or password.${asked}` }
      : { ...entry, type: 'fu', description: `Wrong email or password: there is no such user.${asked}` },
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

function entryFor(ctx: Deps, attempt: SignInAttempt, user: User | undefined) {
  const fields = logFields(attempt, attempt.connection.name, user, attempt.identifier)
  return { ...fields, date: ctx.clock() }
}
