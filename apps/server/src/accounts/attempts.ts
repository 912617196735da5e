import type { Context } from '../context.ts'
import { networkOf } from '../http/network.ts'
import { emailKey } from '../store/canonical.ts'
import type { Db } from '../store/store.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import {
  countAttempts,
  deleteAttempts,
  deleteAttemptsBefore,
  deleteAttemptsUnder,
  listAttempts,
  lockAttempts,
  pauseAttempts,
  pausedUntil,
  saveAttempts,
  uncountAttempt,
} from './store.ts'

/** How many failures have no consequence, and how long the pause after each further one is: it doubles up to a limit. */
interface BackoffPolicy {
  freeFailures: number
  firstPauseSeconds: number
  maxPauseSeconds: number
  /** The count restarts at zero when the last failure is older. */
  expiresAfterSeconds: number
}

/**
 * Auth0 blocks an account for an address after 10 failures, and throttles an address after 100. Here a pause replaces
 * the block, and it applies to one address only: an attacker cannot lock the owner of an account out.
 */
const perAccount: BackoffPolicy = {
  freeFailures: 10,
  firstPauseSeconds: 60,
  maxPauseSeconds: 3_600,
  expiresAfterSeconds: 86_400,
}
const perNetwork: BackoffPolicy = {
  freeFailures: 100,
  firstPauseSeconds: 60,
  maxPauseSeconds: 900,
  expiresAfterSeconds: 3_600,
}

export interface PasswordAttempt {
  connection: string
  /** The address, in any spelling. */
  account: string
  ip: string
  /** False if brute force protection is off for the connection: then failures count for the network only. */
  protectAccount: boolean
}

/** The password may be checked. The attempt counts as a failure until {@link recordSuccess} or {@link withdrawAttempt}. */
export interface Admitted {
  admitted: true
  /** Whether this failure started a pause: logged once. */
  pauses: { account: boolean; network: boolean }
}

export interface Refused {
  admitted: false
  retryAfterSeconds: number
}

/**
 * Counts an attempt before the password is checked, so that of any number of parallel attempts only the free ones are
 * checked (CVE-2024-4629, CVE-2023-47111).
 */
export async function admitAttempt(
  ctx: Pick<Context, 'store' | 'clock'>,
  attempt: PasswordAttempt,
): Promise<Admitted | Refused> {
  const account = { key: accountKey(attempt), policy: perAccount }
  return admitFrom(ctx, attempt.ip, account, attempt.protectAccount)
}

/** @param isCounted whether failures count for the account too, and not for the network alone */
async function admitFrom(
  ctx: Pick<Context, 'store' | 'clock'>,
  ip: string,
  account: Counter,
  isCounted: boolean,
): Promise<Admitted | Refused> {
  const network = { key: networkKey({ ip }), policy: perNetwork }
  const counted = await countFailures(ctx, isCounted ? [account, network] : [network])
  if ('retryAfterSeconds' in counted) return { admitted: false, ...counted }
  const pauses = { account: counted.paused.has(account.key), network: counted.paused.has(network.key) }
  return { admitted: true, pauses }
}

/**
 * The password was correct: deletes the account's failures. The network loses only this attempt, so that an attacker
 * cannot reset its count by signing in to an account of their own.
 */
export async function recordSuccess({ db }: Tx, attempt: PasswordAttempt): Promise<void> {
  if (attempt.protectAccount) await deleteAttempts(db, accountKey(attempt))
  await uncountAttempt(db, networkKey(attempt), perNetwork.freeFailures)
}

/** The password was not checked: removes the attempt from both counts. */
export async function withdrawAttempt({ db }: Tx, attempt: PasswordAttempt): Promise<void> {
  if (attempt.protectAccount) await uncountAttempt(db, accountKey(attempt), perAccount.freeFailures)
  await uncountAttempt(db, networkKey(attempt), perNetwork.freeFailures)
}

/**
 * Fewer, and of all networks together: a person who guesses a code knows the password already, and a code has six digits. A
 * pause of an hour allows about 30 guesses a day, each with a chance of 3 in 1,000,000.
 */
const perFactor: BackoffPolicy = { ...perAccount, freeFailures: 5 }

export interface FactorAttempt {
  userId: string
  ip: string
}

/** Counts an attempt at the second step of a log-in before its code is checked, as {@link admitAttempt}. */
export async function admitFactorAttempt(
  ctx: Pick<Context, 'store' | 'clock'>,
  attempt: FactorAttempt,
): Promise<Admitted | Refused> {
  return admitFrom(ctx, attempt.ip, { key: factorKey(attempt), policy: perFactor }, true)
}

/** The code was right, as {@link recordSuccess}. */
export async function recordFactorSuccess({ db }: Tx, attempt: FactorAttempt): Promise<void> {
  await deleteAttempts(db, factorKey(attempt))
  await uncountAttempt(db, networkKey(attempt), perNetwork.freeFailures)
}

/** For requests that send mail to an address the sender may not own. */
const perRequest: BackoffPolicy = {
  freeFailures: 20,
  firstPauseSeconds: 60,
  maxPauseSeconds: 900,
  expiresAfterSeconds: 3_600,
}

/** Higher, because an office or a class signs up from one address. */
const perSignUp: BackoffPolicy = { ...perRequest, freeFailures: 50, maxPauseSeconds: 300 }
const requestPolicies = {
  reset: perRequest,
  'sign-up': perSignUp,
  activation: perSignUp,
  /** Responses of other providers. Apart from passwords: a provider that is set up wrongly must not pause those. */
  provider: perNetwork,
}

/** Counts a request against its network. @returns the seconds until the next one is admitted; 0: this one is */
export async function throttleRequest(
  ctx: Pick<Context, 'store' | 'clock'>,
  kind: keyof typeof requestPolicies,
  ip: string,
): Promise<number> {
  const counted = await countFailures(ctx, [
    { key: `${kind}|${networkOf(ip)}`, policy: requestPolicies[kind] },
  ])
  return 'retryAfterSeconds' in counted ? counted.retryAfterSeconds : 0
}

/** The request was not what the limit is for: removes it from the count. */
export function withdrawRequest(
  ctx: Pick<Context, 'store' | 'clock'>,
  kind: keyof typeof requestPolicies,
  ip: string,
): Promise<void> {
  const { freeFailures } = requestPolicies[kind]
  return transaction(ctx, ({ db }) => uncountAttempt(db, `${kind}|${networkOf(ip)}`, freeFailures))
}

/**
 * Adds refused requests of a network to the sum of all servers in a window. It is kept with the attempts, whose
 * housekeeping deletes it after a day.
 * @returns the sum
 */
export function addRefusals(
  ctx: Pick<Context, 'store' | 'clock'>,
  network: string,
  window: number,
  refused: number,
): Promise<number> {
  return transaction(ctx, async ({ db, now }) => {
    const row = await lockAttempts(db, `refused|${network}`, now)
    // Another server has begun the next window, or its clock is ahead.
    if (row.failures > 0 && row.first_at > window) return refused
    const failures = row.first_at === window ? row.failures + refused : refused
    await saveAttempts(db, { key: row.key, failures, first_at: window, last_at: now, blocked_until: null })
    return failures
  })
}

/** The networks whose attempts on this account are refused at the moment. */
export async function pausedNetworks(
  db: Db,
  connection: string,
  account: string,
  now: number,
): Promise<string[]> {
  const rows = await listAttempts(db, accountPrefix(connection, account))
  return rows
    .filter(({ blocked_until }) => (blocked_until ?? 0) > now)
    .map(({ key }) => key.slice(key.lastIndexOf('|') + 1))
}

/** Deletes the failures on an account from all networks: an administrator unblocks it, or its password changed. */
export async function clearFailures(db: Db, connection: string, account: string): Promise<void> {
  await deleteAttemptsUnder(db, accountPrefix(connection, account))
}

/** Housekeeping only: an expired row counts as zero while it is stored. @returns how many rows were deleted */
export async function deleteExpiredAttempts(db: Db, now: number, limit = 1_000): Promise<number> {
  return deleteAttemptsBefore(db, now - perAccount.expiresAfterSeconds * 1000, limit)
}

/** All spellings of an address share one count. */
const accountPrefix = (connection: string, account: string) =>
  `account|${encodeURIComponent(connection)}|${encodeURIComponent(emailKey(account))}|`
const accountKey = ({ connection, account, ip }: PasswordAttempt) =>
  accountPrefix(connection, account) + networkOf(ip)
const networkKey = ({ ip }: { ip: string }) => `network|${networkOf(ip)}`
const factorKey = ({ userId }: FactorAttempt) => `factor|${userId}`

interface Counter {
  key: string
  policy: BackoffPolicy
}

/** A pause of one of the keys is not over, so what was counted under the others is rolled back. */
class PausedError extends Error {
  override name = 'PausedError'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`paused for ${retryAfterSeconds} seconds`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * Counts a failure under each key, or under none while one of them is paused.
 * @returns the keys whose pause begins; or the seconds until the pause ends
 */
async function countFailures(
  ctx: Pick<Context, 'store' | 'clock'>,
  counters: readonly Counter[],
): Promise<{ paused: ReadonlySet<string> } | { retryAfterSeconds: number }> {
  try {
    return { paused: await transaction(ctx, (tx) => countEach(tx, counters)) }
  } catch (error) {
    if (!(error instanceof PausedError)) throw error
    return { retryAfterSeconds: error.retryAfterSeconds }
  }
}

/** @throws {PausedError} */
async function countEach({ db, now }: Tx, counters: readonly Counter[]): Promise<Set<string>> {
  const counted = await countAttempts(
    db,
    counters.map(({ key, policy }) => ({ key, expiredBefore: now - policy.expiresAfterSeconds * 1000 })),
    now,
  )
  if (counted.length < counters.length) {
    const until = await pausedUntil(
      db,
      counters.map(({ key }) => key),
    )
    throw new PausedError(Math.ceil((until - now) / 1000))
  }
  const paused = new Set<string>()
  for (const { key, policy } of counters) {
    const failures = counted.find((row) => row.key === key)?.failures ?? 0
    const seconds = pauseSeconds(policy, failures)
    if (seconds === 0) continue
    await pauseAttempts(db, key, now + seconds * 1000)
    paused.add(key)
  }
  return paused
}

function pauseSeconds(policy: BackoffPolicy, failures: number): number {
  const excess = failures - policy.freeFailures
  if (excess < 0) return 0
  return Math.min(policy.firstPauseSeconds * 2 ** Math.min(excess, 20), policy.maxPauseSeconds)
}
