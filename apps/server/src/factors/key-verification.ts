import { logFields, type Origin } from '../accounts/accounts.ts'
import { admitFactorAttempt, recordFactorSuccess } from '../accounts/attempts.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import type { User } from '../users/user.ts'
import { consumeChallenge, issueChallenge, openChallenge } from './challenges.ts'
import { isKey, type KeyMethod, listMethods, raiseCounter } from './store.ts'
import {
  credentialOf,
  InvalidAnswerError,
  type RelyingParty,
  type RequestOptions,
  relyingPartyOf,
  requestOptions,
  verifyAsserted,
} from './webauthn.ts'

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

/** What a page needs to ask for a key. */
export interface KeyRequest {
  /** For `navigator.credentials.get`, as JSON. */
  options: RequestOptions
  /** The challenge, for the form that sends the answer. */
  sealed: string
}

/** The answer of a key, as a form sends it. */
export interface KeyAnswer {
  /** Of the request. */
  sealed: string
  /** JSON, of the page's script. */
  answer: string
}

/** Why a key was not accepted. */
export type KeyRefusal =
  | 'wrong_key'
  /** The page was open for too long, or its challenge was used before. */
  | 'key_expired'
  /** The counter is not higher than the last one, so there may be a copy of the key (WebAuthn §7.2, step 22). */
  | 'key_copied'

/** The challenge of one log-in does not open in another, nor for another user. */
const purposeOf = ({ userId }: User, binding: string) => `second-step/${userId}/${binding}`

/** Asks for one of the user's keys in the second step of a log-in. @returns undefined for a user without keys */
export async function requestKey(ctx: Deps, user: User, binding: string): Promise<KeyRequest | undefined> {
  const party = relyingPartyOf(ctx.config)
  const keys = (await listMethods(ctx.store.db, user.userId)).filter(isKey)
  if (!party || keys.length === 0) return undefined
  const { challenge, sealed } = issueChallenge(ctx, purposeOf(user, binding))
  return { options: requestOptions(party, challenge, keys), sealed }
}

export type KeyOutcome =
  | { passed: true }
  | { refused: KeyRefusal }
  | { refused: 'too_many_attempts'; retryAfterSeconds: number }

/** Checks the answer to {@link requestKey}. Attempts count as those at codes do. */
export async function verifyKey(
  ctx: Deps,
  user: User,
  binding: string,
  given: KeyAnswer,
  origin: Origin,
): Promise<KeyOutcome> {
  const attempt = { userId: user.userId, ip: origin.ip }
  const admission = await admitFactorAttempt(ctx, attempt)
  if (!admission.admitted)
    return { refused: 'too_many_attempts', retryAfterSeconds: admission.retryAfterSeconds }
  const checked = await checkAnswer(ctx, given, purposeOf(user, binding), async (credentialId) => {
    const methods = await listMethods(ctx.store.db, user.userId)
    return methods.filter(isKey).find((key) => key.credentialId === credentialId)
  })
  return transaction(ctx, async (tx): Promise<KeyOutcome> => {
    const refusal = 'refused' in checked ? checked : await useAnswer(tx, checked)
    if (!refusal) await recordFactorSuccess(tx, attempt)
    const entry = { ...logFields(origin, user.connection, user), date: tx.now }
    await writeLog(tx.db, {
      ...entry,
      type: refusal ? 'gd_auth_failed' : 'gd_auth_succeed',
      description: refusal ? `Key refused: ${refusal.reason}` : 'Second step passed (key)',
    })
    if (refusal && admission.pauses.account)
      await writeLog(tx.db, {
        ...entry,
        type: 'gd_otp_rate_limit_exceed',
        description: 'Too many wrong answers for one account',
      })
    return refusal ? { refused: refusal.refused } : { passed: true }
  })
}

/** An answer whose signature is right. */
export interface ValidAnswer {
  key: KeyMethod
  challenge: string
  signCount: number
}

export interface AnswerRefusal {
  refused: KeyRefusal
  /** For the log. */
  reason: string
  /** Whose key it was said to be. */
  key?: KeyMethod | undefined
}

/**
 * Verifies the answer of a key, without using it up.
 * @param purpose of its challenge
 * @param find the key that may answer, by the id of its credential
 */
export async function checkAnswer(
  ctx: Deps,
  { sealed, answer }: KeyAnswer,
  purpose: string,
  find: (credentialId: string) => Promise<KeyMethod | undefined>,
  { isPasskey = false }: { isPasskey?: boolean } = {},
): Promise<ValidAnswer | AnswerRefusal> {
  const party: RelyingParty | undefined = relyingPartyOf(ctx.config)
  const challenge = openChallenge(ctx, purpose, sealed)
  if (!party || challenge === undefined)
    return { refused: 'key_expired', reason: 'its challenge has expired, or is of another page' }
  let key: KeyMethod | undefined
  try {
    key = await find(credentialOf(answer))
    if (!key) return { refused: 'wrong_key', reason: 'it is unknown here' }
    return { key, challenge, signCount: await verifyAsserted(party, answer, { challenge, key, isPasskey }) }
  } catch (error) {
    if (!(error instanceof InvalidAnswerError)) throw error
    return { refused: 'wrong_key', reason: error.message, key }
  }
}

/** Uses an answer up: its challenge, and the value of the counter. Of parallel uses one succeeds. */
export async function useAnswer(
  tx: Tx,
  { key, challenge, signCount }: ValidAnswer,
): Promise<AnswerRefusal | undefined> {
  if (!(await consumeChallenge(tx, challenge)))
    return { refused: 'key_expired', reason: 'its challenge was used before', key }
  if (await raiseCounter(tx.db, key.id, signCount, tx.now)) return undefined
  const reason = `the counter ${signCount} of ${key.name} is not higher than ${key.signCount}: there may be a copy of it`
  return { refused: 'key_copied', reason, key }
}
