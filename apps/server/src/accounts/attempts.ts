import type { Context } from '../context.ts'
import { networkOf } from '../http/network.ts'
import { emailKey } from '../store/canonical.ts'
import type { Db } from '../store/store.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import {
  type AttemptRow,
  deleteAttempts,
  deleteAttemptsBefore,
  deleteAttemptsUnder,
  listAttempts,
  lockAttempts,
  saveAttempts,
} from './store.ts'

/** How many wrong passwords are free, and how long the next one then has to wait: doubling with each, up to a limit. */
interface Patience {
  free: number
  firstPauseSeconds: number
  longestPauseSeconds: number
  /** Without a failure for so long, the count begins anew. */
  forgottenAfterSeconds: number
}

/**
 * Auth0 blocks after 10 failures on one account from one address and throttles an address after 100. Here a pause
 * takes the place of the block, and an account is never closed to other addresses: nobody can lock its owner out.
 */
const perAccount: Patience = {
  free: 10,
  firstPauseSeconds: 60,
  longestPauseSeconds: 3_600,
  forgottenAfterSeconds: 86_400,
}
const perNetwork: Patience = {
  free: 100,
  firstPauseSeconds: 60,
  longestPauseSeconds: 900,
  forgottenAfterSeconds: 3_600,
}

export interface Guess {
  connection: string
  /** The address, in any spelling. */
  account: string
  ip: string
  /** False where the connection switched brute force protection off: then only the network is slowed. */
  protectAccount: boolean
}

/** The attempt may be checked; it counts as a failure until it is {@link forgive}n. */
export interface Admitted {
  admitted: true
  /** This failure began a pause: worth a log entry, once. */
  pauses: { account: boolean; network: boolean }
}

export interface Refused {
  admitted: false
  retryAfterSeconds: number
}

/**
 * Counts an attempt before its password is looked at, so that of any number of parallel guesses only the free ones are
 * evaluated (CVE-2024-4629, CVE-2023-47111).
 */
export async function admit(
  ctx: Pick<Context, 'store' | 'clock'>,
  guess: Guess,
): Promise<Admitted | Refused> {
  return transaction(ctx, async ({ db, now }) => {
    // Always in this order: two transactions that want the same rows cannot wait for each other.
    const account = guess.protectAccount ? await lockAttempts(db, accountKey(guess), now) : undefined
    const network = await lockAttempts(db, networkKey(guess), now)
    const wait = Math.max(pauseLeft(account, now), pauseLeft(network, now))
    if (wait > 0) return { admitted: false, retryAfterSeconds: Math.ceil(wait / 1000) }
    const pauses = {
      account: account !== undefined && (await countFailure(db, account, perAccount, now)),
      network: await countFailure(db, network, perNetwork, now),
    }
    return { admitted: true, pauses }
  })
}

/** The password was right: the account's count ends here. The network's loses only this attempt: an own account is no pass. */
export async function forgive({ db, now }: Tx, guess: Guess): Promise<void> {
  if (guess.protectAccount) await deleteAttempts(db, accountKey(guess))
  await discount(db, networkKey(guess), perNetwork, now)
}

/** The attempt was never checked: it counts nowhere. */
export async function withdraw({ db, now }: Tx, guess: Guess): Promise<void> {
  if (guess.protectAccount) await discount(db, accountKey(guess), perAccount, now)
  await discount(db, networkKey(guess), perNetwork, now)
}

/** Requests that cost somebody else something, such as a mail: fewer of them are free. */
const perRequest: Patience = {
  free: 20,
  firstPauseSeconds: 60,
  longestPauseSeconds: 900,
  forgottenAfterSeconds: 3_600,
}

/** An office or a class signs up from one address. */
const perSignUp: Patience = { ...perRequest, free: 50, longestPauseSeconds: 300 }
const patienceOf = { reset: perRequest, 'sign-up': perSignUp }

/** Counts a request of a kind against its network. @returns the seconds it has to wait: 0 lets it through */
export async function throttleRequest(
  ctx: Pick<Context, 'store' | 'clock'>,
  kind: keyof typeof patienceOf,
  ip: string,
): Promise<number> {
  return transaction(ctx, async ({ db, now }) => {
    const row = await lockAttempts(db, `${kind}|${networkOf(ip)}`, now)
    const wait = pauseLeft(row, now)
    if (wait === 0) await countFailure(db, row, patienceOf[kind], now)
    return Math.ceil(wait / 1000)
  })
}

/** The networks that currently have to wait before they may try this account again. */
export async function pausedNetworks(
  db: Db,
  connection: string,
  account: string,
  now: number,
): Promise<string[]> {
  const rows = await listAttempts(db, accountPrefix(connection, account))
  return rows.filter((row) => pauseLeft(row, now) > 0).map(({ key }) => key.slice(key.lastIndexOf('|') + 1))
}

/** Forgets every failure on an account, from wherever: an administrator unblocks it, or its password changed. */
export async function clearFailures(db: Db, connection: string, account: string): Promise<void> {
  await deleteAttemptsUnder(db, accountPrefix(connection, account))
}

/** Housekeeping only: a forgotten row counts as nothing while it is still there. @returns how many went */
export async function deleteForgotten(db: Db, now: number, limit = 1_000): Promise<number> {
  return deleteAttemptsBefore(db, now - perAccount.forgottenAfterSeconds * 1000, limit)
}

/** All spellings of an address share one count. */
const accountPrefix = (connection: string, account: string) =>
  `account|${encodeURIComponent(connection)}|${encodeURIComponent(emailKey(account))}|`
const accountKey = ({ connection, account, ip }: Guess) => accountPrefix(connection, account) + networkOf(ip)
const networkKey = ({ ip }: Guess) => `network|${networkOf(ip)}`

function pauseLeft(row: AttemptRow | undefined, now: number): number {
  return Math.max(0, (row?.blocked_until ?? 0) - now)
}

/** @returns whether a pause begins */
async function countFailure(db: Db, row: AttemptRow, patience: Patience, now: number): Promise<boolean> {
  const forgotten = row.last_at < now - patience.forgottenAfterSeconds * 1000
  const failures = forgotten ? 1 : row.failures + 1
  const first_at = forgotten || row.failures === 0 ? now : row.first_at
  const beyond = failures - patience.free
  const pauseSeconds =
    beyond < 0
      ? 0
      : Math.min(patience.firstPauseSeconds * 2 ** Math.min(beyond, 20), patience.longestPauseSeconds)
  const blocked_until = pauseSeconds > 0 ? now + pauseSeconds * 1000 : null
  await saveAttempts(db, { key: row.key, failures, first_at, last_at: now, blocked_until })
  return pauseSeconds > 0
}

async function discount(db: Db, key: string, patience: Patience, now: number): Promise<void> {
  const row = await lockAttempts(db, key, now)
  const failures = Math.max(0, row.failures - 1)
  if (failures === 0) return deleteAttempts(db, key)
  await saveAttempts(db, {
    ...row,
    failures,
    blocked_until: failures < patience.free ? null : row.blocked_until,
  })
}
