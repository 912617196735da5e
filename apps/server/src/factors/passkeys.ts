import { logFields, type Origin } from '../accounts/accounts.ts'
import { admitAttempt, type PasswordAttempt, recordSuccess } from '../accounts/attempts.ts'
import { allowsPasskeys, type Connection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { count } from '../telemetry/operations.ts'
import { findUser } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { issueChallenge } from './challenges.ts'
import {
  type AnswerRefusal,
  checkAnswer,
  type KeyAnswer,
  type KeyRefusal,
  type KeyRequest,
  useAnswer,
} from './key-verification.ts'
import { findKey } from './store.ts'
import { relyingPartyOf, requestOptions } from './webauthn.ts'

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

const purposeOf = (binding: string) => `passkey/${binding}`

/**
 * Asks for a passkey on the log-in page. It reads and writes nothing, because the page is shown for each log-in.
 * @param binding names the browser that may answer, such as the uid of an interaction
 * @returns undefined where users of the connection log in without passkeys
 */
export function requestPasskey(
  ctx: Pick<Context, 'clock' | 'sealer' | 'config'>,
  connection: Connection,
  binding: string,
): KeyRequest | undefined {
  const party = allowsPasskeys(connection) ? relyingPartyOf(ctx.config) : undefined
  if (!party) return undefined
  const { challenge, sealed } = issueChallenge(ctx, purposeOf(binding))
  return { options: requestOptions(party, challenge), sealed }
}

export interface PasskeyAttempt extends Origin, KeyAnswer {
  /** Of the application. Users of other connections cannot log in to it. */
  connection: Connection
  binding: string
  /** Writes what a success means for the caller, in the transaction that uses the answer up. */
  onSuccess?: (tx: Tx, user: User) => Promise<void>
}

export type PasskeyOutcome =
  | { user: User }
  | { refused: Exclude<KeyRefusal, 'wrong_key'> | 'wrong_passkey' | 'blocked' }
  | { refused: 'too_many_attempts'; retryAfterSeconds: number }

/**
 * Logs a user in by the answer to {@link requestPasskey}. The key has checked who uses it, so this is a log-in with two
 * factors. Failures are logged here, and count for the network as wrong passwords do.
 */
export async function signInWithPasskey(ctx: Deps, attempt: PasskeyAttempt): Promise<PasskeyOutcome> {
  const outcome = await signIn(ctx, attempt)
  if ('refused' in outcome) count({ kind: 'log_in', outcome: metricOf(outcome.refused) })
  return outcome
}

function metricOf(refused: Exclude<PasskeyOutcome, { user: User }>['refused']) {
  return refused === 'blocked' || refused === 'too_many_attempts' ? refused : 'wrong'
}

async function signIn(ctx: Deps, attempt: PasskeyAttempt): Promise<PasskeyOutcome> {
  const { connection, binding, ip } = attempt
  if (!allowsPasskeys(connection)) return { refused: 'wrong_passkey' }
  const guess: PasswordAttempt = { connection: connection.name, account: '', ip, protectAccount: false }
  const admission = await admitAttempt(ctx, guess)
  if (!admission.admitted)
    return { refused: 'too_many_attempts', retryAfterSeconds: admission.retryAfterSeconds }

  let user: User | undefined
  const findPasskey = async (credentialId: string) => {
    const key = await findKey(ctx.store.db, credentialId)
    if (key?.type !== 'passkey') return undefined
    // Read before the key is verified: a change of the user's methods in the meantime ends this log-in.
    const found = await findUser(ctx.store.db, key.userId)
    if (found?.connection !== connection.name) return undefined
    user = found
    return key
  }
  const checked = await checkAnswer(ctx, attempt, purposeOf(binding), findPasskey, { isPasskey: true })
  return transaction(ctx, async (tx): Promise<PasskeyOutcome> => {
    const refusal = 'refused' in checked ? checked : await useAnswer(tx, checked)
    if (refusal || !user) {
      await logFailure(tx, attempt, user, refusal)
      if (admission.pauses.network) await logPause(tx, attempt)
      const refused = refusal?.refused ?? 'wrong_key'
      return { refused: refused === 'wrong_key' ? 'wrong_passkey' : refused }
    }
    await recordSuccess(tx, guess)
    if (!user.blocked) {
      await attempt.onSuccess?.(tx, user)
      return { user }
    }
    const entry = { ...logFields(attempt, connection.name, user), date: tx.now }
    await writeLog(tx.db, { ...entry, type: 'f', description: 'User is blocked' })
    return { refused: 'blocked' }
  })
}

async function logFailure(
  tx: Tx,
  attempt: PasskeyAttempt,
  user: User | undefined,
  refusal: AnswerRefusal | undefined,
): Promise<void> {
  await writeLog(tx.db, {
    ...logFields(attempt, attempt.connection.name, user),
    type: 'f',
    description: `Passkey refused: ${refusal?.reason ?? 'its user is gone'}`,
    date: tx.now,
  })
}

async function logPause(tx: Tx, attempt: PasskeyAttempt): Promise<void> {
  await writeLog(tx.db, {
    ...logFields(attempt, attempt.connection.name, undefined),
    type: 'limit_mu',
    description: 'Too many refused log-ins from one address',
    date: tx.now,
  })
}
