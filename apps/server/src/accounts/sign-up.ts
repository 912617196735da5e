import { email as emailSchema } from '@rolecall/contract'
import type { Connection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { BusyError } from '../crypto/hashing-queue.ts'
import { ApiError } from '../http/api-error.ts'
import { writeLog } from '../logs/log.ts'
import { storedEmail } from '../store/canonical.ts'
import { transaction } from '../store/transaction.ts'
import type { NewUser, User } from '../users/user.ts'
import { createUser } from '../users/users.ts'
import { logFields, type Origin } from './accounts.ts'
import {
  admitAttempt,
  type PasswordAttempt,
  recordSuccess,
  throttleRequest,
  withdrawAttempt,
} from './attempts.ts'
import { mailEmailVerification } from './email-verification.ts'
import { isTakenThere } from './moving-in.ts'
import { findPasswordProblem, type PasswordProblem } from './password-policy.ts'

type Profile = Pick<
  NewUser,
  'givenName' | 'familyName' | 'name' | 'nickname' | 'picture' | 'username' | 'userMetadata'
>

export interface SignUpRequest extends Origin {
  connection: Connection
  email: string
  password: string
  profile?: Profile | undefined
}

export type SignUpOutcome =
  | { user: User }
  | { refused: 'exists' | 'disabled' | 'invalid' }
  | { refused: 'weak'; problem: PasswordProblem }
  | { refused: 'too_many_attempts' | 'busy'; retryAfterSeconds: number }

/**
 * Creates an account and mails the link that verifies its address. A taken address costs the same hash, and counts
 * against the network like a wrong password, so that sign-up does not reveal accounts at a lower cost than sign-in.
 */
export async function signUp(ctx: Context, request: SignUpRequest): Promise<SignUpOutcome> {
  const { connection, password, profile = {} } = request
  if (connection.options.disable_signup === true) return refuse(ctx, request, { refused: 'disabled' })
  const email = emailSchema.safeParse(storedEmail(request.email.slice(0, 1_024))).data
  if (email === undefined) return refuse(ctx, request, { refused: 'invalid' })
  const problem = await findPasswordProblem(password, connection.options, { ...profile, email })
  if (problem) return refuse(ctx, request, { refused: 'weak', problem })

  // Every sign-up sends mail to an address that is not verified.
  const wait = await throttleRequest(ctx, 'sign-up', request.ip)
  if (wait > 0) return { refused: 'too_many_attempts', retryAfterSeconds: wait }
  const guess: PasswordAttempt = {
    connection: connection.name,
    account: email,
    ip: request.ip,
    protectAccount: false,
  }
  const admission = await admitAttempt(ctx, guess)
  if (!admission.admitted)
    return { refused: 'too_many_attempts', retryAfterSeconds: admission.retryAfterSeconds }
  const refusal = await refuseAddressElsewhere(ctx, request, guess)
  if (refusal) return refusal
  try {
    const passwordHash = await hashPassword(password)
    const user = await transaction(ctx, async (tx) => {
      const created = await createUser(tx, { ...profile, connection: connection.name, email, passwordHash })
      await recordSuccess(tx, guess)
      return created
    })
    await mailEmailVerification(ctx, user, request)
    await log(ctx, request, 'ss', 'Signed up', user)
    return { user }
  } catch (error) {
    if (error instanceof ApiError && error.statusCode === 409)
      return refuse(ctx, request, { refused: 'exists' })
    if (!(error instanceof BusyError)) throw error
    await transaction(ctx, (tx) => withdrawAttempt(tx, guess))
    return { refused: 'busy', retryAfterSeconds: error.retryAfterSeconds }
  }
}

/** Refuses an address that the server of a lazy migration has, and one that could not be looked up there. */
async function refuseAddressElsewhere(
  ctx: Context,
  request: SignUpRequest,
  guess: PasswordAttempt,
): Promise<SignUpOutcome | undefined> {
  const taken = await isTakenThere(ctx, request.connection, guess.account)
  if (taken === false) return undefined
  if (taken === true) return refuse(ctx, request, { refused: 'exists' })
  const { refused, reason, retryAfterSeconds } = taken
  if (refused === 'busy') await transaction(ctx, (tx) => withdrawAttempt(tx, guess))
  await log(ctx, request, 'fs', `Sign-up refused: the address could not be looked up. ${reason}`)
  return { refused: 'busy', retryAfterSeconds }
}

const reasons = {
  exists: 'the address is taken',
  disabled: 'sign-up is switched off',
  invalid: 'the address is not one',
  weak: 'the password is refused',
}

async function refuse<Outcome extends { refused: keyof typeof reasons }>(
  ctx: Context,
  request: SignUpRequest,
  outcome: Outcome,
) {
  await log(ctx, request, 'fs', `Sign-up refused: ${reasons[outcome.refused]}`)
  return outcome
}

async function log(
  ctx: Context,
  request: SignUpRequest,
  type: 'ss' | 'fs',
  description: string,
  user?: User,
) {
  const fields = logFields(request, request.connection.name, user, request.email)
  await writeLog(ctx.store.db, { ...fields, type, description, date: ctx.clock() })
}
