import type { FactorPolicy } from '@rolecall/contract'
import { logFields, type Origin } from '../accounts/accounts.ts'
import { admitFactorAttempt, recordFactorSuccess } from '../accounts/attempts.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { recoveryCodeUsedMessage } from '../mail/templates.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import type { User } from '../users/user.ts'
import { storedCode } from './recovery-codes.ts'
import {
  acceptStep,
  consumeRecoveryCode,
  countUnusedCodes,
  listMethods,
  type Method,
  secretContext,
  type TotpMethod,
} from './store.ts'
import { stepOfCode } from './totp.ts'

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'mailer'>

/** What a person typed in the second step of a log-in. */
export type TypedCode = { kind: 'totp' | 'recovery'; code: string }

export type FactorOutcome =
  | { passed: true }
  | { refused: 'wrong_code' }
  | { refused: 'too_many_attempts'; retryAfterSeconds: number }

/**
 * Checks a code of an authenticator app, or a recovery code. Attempts count per account and network before the code is
 * checked, and each code is accepted once: of parallel uses one passes.
 */
export async function verifyCode(
  ctx: Deps,
  user: User,
  policy: FactorPolicy,
  typed: TypedCode,
  origin: Origin,
): Promise<FactorOutcome> {
  const attempt = { userId: user.userId, ip: origin.ip }
  const admission = await admitFactorAttempt(ctx, attempt)
  if (!admission.admitted)
    return { refused: 'too_many_attempts', retryAfterSeconds: admission.retryAfterSeconds }
  const steps = typed.kind === 'totp' ? await stepsOf(ctx, user, typed.code) : new Map<string, number>()
  return transaction(ctx, async (tx) => {
    const passed =
      typed.kind === 'totp'
        ? await acceptAny(tx, steps)
        : policy.factors['recovery-code'] && (await consumeCode(ctx, tx, user, typed.code))
    if (passed) await recordFactorSuccess(tx, attempt)
    await logAttempt(tx, user, typed.kind, { passed, pauses: admission.pauses.account }, origin)
    return passed ? { passed: true } : { refused: 'wrong_code' }
  })
}

/** The methods that the code is right for, with its time steps. */
async function stepsOf(
  { store, sealer, clock }: Deps,
  user: User,
  code: string,
): Promise<Map<string, number>> {
  const methods = await listMethods(store.db, user.userId)
  const steps = new Map<string, number>()
  for (const { id, secret } of methods.filter(isTotp)) {
    const step = await stepOfCode(sealer.open(secret, secretContext(id)), code, clock())
    if (step !== undefined) steps.set(id, step)
  }
  return steps
}

const isTotp = (method: Method): method is TotpMethod => method.type === 'totp'

async function acceptAny({ db, now }: Tx, steps: ReadonlyMap<string, number>): Promise<boolean> {
  for (const [id, step] of steps) if (await acceptStep(db, id, step, now)) return true
  return false
}

/** The user is told by mail: somebody else may have found the codes. */
async function consumeCode(
  { mailer }: Deps,
  { db, now }: Tx,
  { userId, email }: User,
  typed: string,
): Promise<boolean> {
  const set = (await listMethods(db, userId)).find(({ type }) => type === 'recovery')
  if (!set || !(await consumeRecoveryCode(db, set.id, storedCode(typed), now))) return false
  const { friendly_name: tenant } = await tenantSettings(db)
  const left = await countUnusedCodes(db, set.id)
  await mailer.send(recoveryCodeUsedMessage({ tenant, to: email, left }), db)
  return true
}

async function logAttempt(
  { db, now }: Tx,
  user: User,
  kind: TypedCode['kind'],
  { passed, pauses }: { passed: boolean; pauses: boolean },
  origin: Origin,
): Promise<void> {
  const entry = { ...logFields(origin, user.connection, user), date: now }
  const [good, bad, name] =
    kind === 'totp'
      ? (['gd_auth_succeed', 'gd_auth_failed', 'code'] as const)
      : (['gd_recovery_succeed', 'gd_recovery_failed', 'recovery code'] as const)
  await writeLog(db, {
    ...entry,
    type: passed ? good : bad,
    description: passed ? `Second step passed (${name})` : `Wrong ${name}, or one that was used before`,
  })
  if (!passed && pauses)
    await writeLog(db, {
      ...entry,
      type: 'gd_otp_rate_limit_exceed',
      description: 'Too many wrong codes for one account',
    })
}
