import { logFields, type Origin } from '../accounts/accounts.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { logInSettings, tenantSettings } from '../tenant/settings.ts'
import { isSignInValid, signInOf } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { requireUser } from '../users/users.ts'
import { changeFactors, isSecondFactor, newMethodId } from './factors.ts'
import { isOffered } from './offered.ts'
import { newRecoveryCodes, storedCode } from './recovery-codes.ts'
import { insertMethod, listMethods, type Method, putRecoveryCodes, secretContext } from './store.ts'
import { newTotpSecret, qrCode, stepOfCode, totpUri } from './totp.ts'

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'mailer'>

/** What a person needs to set up an authenticator app. */
export interface TotpOffer {
  /** Base32, for typing. */
  secret: string
  /** An SVG element. */
  qr: string
  /** The secret for the form that confirms it, bound to the user and to where the form is. */
  sealed: string
}

/** How long a secret that was offered can be confirmed. */
const offerLifetimeMs = 30 * 60_000
/** What an authenticator app is called whose user gives it no name. */
export const defaultTotpName = 'Authenticator app'
/** More would let one account fill the store. */
const maxMethods = 20

/**
 * Offers a secret for an authenticator app. It is stored when a code shows that the app has it, not before.
 * @param binding names the browser or request that may confirm it, such as the uid of an interaction
 * @param sealed of an earlier offer, which is shown again if it is still valid
 */
export async function offerTotp(ctx: Deps, user: User, binding: string, sealed = ''): Promise<TotpOffer> {
  const known = openOffer(ctx, user, binding, sealed)
  const secret = known ?? (await newTotpSecret())
  const { friendly_name: tenant } = await tenantSettings(ctx.store.db)
  const qr = await qrCode(await totpUri(secret, tenant, user.email))
  return { secret, qr, sealed: known === undefined ? sealOffer(ctx, user, binding, secret) : sealed }
}

const offerContext = (user: User, binding: string) => `totp-offer/${user.userId}/${binding}`

function sealOffer(ctx: Deps, user: User, binding: string, secret: string): string {
  return ctx.sealer.seal(JSON.stringify({ secret, at: ctx.clock() }), offerContext(user, binding))
}

function openOffer(ctx: Deps, user: User, binding: string, sealed: string): string | undefined {
  try {
    const opened = ctx.sealer.open(sealed, offerContext(user, binding))
    const { secret, at }: { secret: string; at: number } = JSON.parse(opened)
    return ctx.clock() - at <= offerLifetimeMs ? secret : undefined
  } catch {
    return undefined
  }
}

export type EnrolOutcome =
  | {
      /** As they are after the change. */
      user: User
      /** With the first factor of the user. They are shown once. */
      recoveryCodes?: string[]
    }
  | {
      refused:
        | 'wrong_code'
        | 'offer_expired'
        | 'too_many_methods'
        | 'factors_changed'
        /** The answer of a key is not valid. */
        | 'wrong_key'
        /** A user, this one or another, has the key already. */
        | 'key_taken'
        /** The tenant does not offer methods of this kind. */
        | 'not_offered'
    }

export interface Enrolment {
  origin: Origin
  /** The session that goes on. All others of the user end. */
  keepSession?: string | undefined
}

/**
 * Stores an offered secret when the code is right. The caller has checked that the user has just logged in, and read
 * `user` before.
 */
export async function enrolTotp(
  ctx: Deps,
  user: User,
  enrolment: Enrolment & { binding: string; sealed: string; code: string; name?: string },
): Promise<EnrolOutcome> {
  const secret = openOffer(ctx, user, enrolment.binding, enrolment.sealed)
  if (secret === undefined) return { refused: 'offer_expired' }
  const step = await stepOfCode(secret, enrolment.code, ctx.clock())
  if (step === undefined) return { refused: 'wrong_code' }
  const id = newMethodId('totp')
  const sealed = ctx.sealer.seal(secret, secretContext(id))
  return transaction(ctx, (tx) =>
    enrol(ctx, tx, user, enrolment, () => ({
      id,
      userId: user.userId,
      type: 'totp',
      name: enrolment.name || defaultTotpName,
      secret: sealed,
      lastStep: step,
      createdAt: tx.now,
      lastUsedAt: tx.now,
    })),
  )
}

/**
 * Adds a method to a user, unless something has ended the user's log-ins since `before` was read.
 * @param methodOf is given the user's other methods
 */
export async function enrol(
  ctx: Pick<Context, 'mailer'>,
  tx: Tx,
  before: User,
  { origin, keepSession }: Enrolment,
  methodOf: (known: readonly Method[]) => Method,
): Promise<EnrolOutcome> {
  const { db, now } = tx
  const { userId, connection } = before
  const { factorPolicy } = await logInSettings(db)
  const known = await listMethods(db, userId)
  if (known.length >= maxMethods) return { refused: 'too_many_methods' }
  const method = methodOf(known)
  const { name, type } = method
  if (!(await isOffered(db, factorPolicy, connection, type))) return { refused: 'not_offered' }
  let isTaken = false
  const what = `${name} was added`
  const changed = await changeFactors(ctx, tx, userId, { what, keepSession }, async (user) => {
    if (!isSignInValid(user, signInOf(before))) return undefined
    isTaken = !(await insertMethod(db, method))
    if (isTaken) return undefined
    await writeLog(db, {
      ...logFields(origin, user.connection, user),
      type: 'gd_enrollment_complete',
      description: `A ${type === 'passkey' ? 'passkey' : 'second factor'} was set up: ${name}`,
      date: now,
    })
    const needsCodes = isSecondFactor(method) && !known.some((one) => one.type === 'recovery')
    return needsCodes && factorPolicy.factors['recovery-code']
      ? { recoveryCodes: await createRecoveryCodes(tx, userId) }
      : {}
  })
  if (changed) return { user: await requireUser(db, userId), ...changed }
  return { refused: isTaken ? 'key_taken' : 'factors_changed' }
}

/** Makes a new set of codes. Those of an earlier set are invalid at once. */
export async function createRecoveryCodes({ db, now }: Tx, userId: string): Promise<string[]> {
  const codes = newRecoveryCodes()
  const known = (await listMethods(db, userId)).find(({ type }) => type === 'recovery')
  const id = known?.id ?? newMethodId('recovery')
  if (!known) await insertMethod(db, { id, userId, type: 'recovery', name: 'Recovery codes', createdAt: now })
  await putRecoveryCodes(db, id, codes.map(storedCode))
  return codes
}
