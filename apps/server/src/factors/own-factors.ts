import { logFields, type Origin } from '../accounts/accounts.ts'
import { throttleRequest } from '../accounts/attempts.ts'
import type { Context } from '../context.ts'
import { listIdentities } from '../identities/store.ts'
import { writeLog } from '../logs/log.ts'
import type { Db } from '../store/store.ts'
import { transaction } from '../store/transaction.ts'
import { logInSettings } from '../tenant/settings.ts'
import { findPasswordHash, lockUser } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { createRecoveryCodes } from './enrolment.ts'
import { changeFactors, isSecondFactor, removeMethod } from './factors.ts'
import { isOffered } from './offered.ts'
import { isOff, isSecondFactorRequired } from './policy.ts'
import { countUnusedCodes, listMethods, type Method, renameMethod } from './store.ts'
import { relyingPartyOf } from './webauthn.ts'

/**
 * What users change about their own ways to log in. The caller has checked that the user has just logged in, with a second
 * factor where the user has one.
 */
export type OwnFactorChange =
  | { done: true }
  /** The policy requires a second factor of the user, and this is the last one. */
  | { refused: 'required_factor' }
  | Paused
  | { refused: 'no_such_method' | 'invalid_name' | 'no_factor' | 'last_way_to_log_in' }

interface Paused {
  refused: 'too_many_attempts'
  retryAfterSeconds: number
}

interface Change {
  origin: Origin
  /** The session that goes on. All others of the user end. */
  keepSession: string
}

/** A method as its user sees it: without secrets. */
export interface OwnMethod extends Pick<Method, 'id' | 'type' | 'name' | 'createdAt'> {
  lastUsedAt: number | undefined
}

/** The types of methods that users add and remove one by one. */
export type OwnKind = Exclude<Method['type'], 'recovery'>

/**
 * What a removal means. The last second factor takes the recovery codes with it, and stays where one is required. A passkey
 * stays where it is the only way to log in.
 */
export type Removal = 'possible' | 'last' | 'required' | 'only_way'

export interface OwnFactors {
  /** Without the set of recovery codes. */
  methods: OwnMethod[]
  /** The recovery codes that were not used; undefined where there is no set. */
  codesLeft: number | undefined
  /** What can be added. */
  offered: OwnKind[]
  /** Whether recovery codes are accepted, so that a user with a second factor can have a set. */
  offersCodes: boolean
}

export async function ownFactors(
  { store: { db }, config }: Pick<Context, 'store' | 'config'>,
  { userId, connection, secondFactor }: User,
): Promise<OwnFactors> {
  const all = await listMethods(db, userId)
  const { factorPolicy } = await logInSettings(db)
  const set = all.find(({ type }) => type === 'recovery')
  const offered: OwnKind[] = []
  for (const kind of ['passkey', 'totp', 'webauthn'] as const) {
    const isPossible = kind === 'totp' || relyingPartyOf(config) !== undefined
    const isUsed = kind === 'passkey' || !isOff(factorPolicy)
    if (isPossible && isUsed && (await isOffered(db, factorPolicy, connection, kind))) offered.push(kind)
  }
  return {
    methods: all.filter((method) => method !== set).map(toOwnMethod),
    codesLeft: set && (await countUnusedCodes(db, set.id)),
    offered,
    offersCodes: secondFactor && factorPolicy.factors['recovery-code'],
  }
}

/** @returns undefined when the user has no such method */
export async function ownMethod(
  db: Db,
  user: User,
  methodId: string,
): Promise<{ method: OwnMethod; removal: Removal } | undefined> {
  const methods = await listMethods(db, user.userId)
  const method = methods.find(({ id, type }) => id === methodId && type !== 'recovery')
  return method && { method: toOwnMethod(method), removal: await removalOf(db, user, methods, method) }
}

function toOwnMethod({ id, type, name, createdAt, lastUsedAt }: Method): OwnMethod {
  return { id, type, name, createdAt, lastUsedAt }
}

async function removalOf(db: Db, user: User, methods: readonly Method[], method: Method): Promise<Removal> {
  if (method.type === 'passkey') {
    if (await isOnlyWay(db, user, methods)) return 'only_way'
    // It is asked for after the password too, so that a password alone does not set up the next factor.
    const hasOther = methods.some(({ id, type }) => id !== method.id && type !== 'recovery')
    return !hasOther && (await isRequired(db, user)) ? 'required' : 'possible'
  }
  if (methods.filter(isSecondFactor).length > 1) return 'possible'
  return (await isRequired(db, user)) ? 'required' : 'last'
}

async function isRequired(db: Db, user: User): Promise<boolean> {
  const { factorPolicy } = await logInSettings(db)
  return isSecondFactorRequired(db, factorPolicy, user)
}

/** Whether the user has one passkey, no password, and no account at another provider. */
async function isOnlyWay(db: Db, { userId }: User, methods: readonly Method[]): Promise<boolean> {
  if (methods.filter(({ type }) => type === 'passkey').length > 1) return false
  if ((await findPasswordHash(db, userId)) !== undefined) return false
  return (await listIdentities(db, userId)).length === 0
}

export const isMethodName = (name: string) =>
  name !== '' && name.length <= 100 && name.isWellFormed() && !/\p{Cc}/u.test(name)

export async function renameOwnMethod(
  ctx: Pick<Context, 'store'>,
  { userId }: User,
  methodId: string,
  name: string,
): Promise<OwnFactorChange> {
  if (!isMethodName(name)) return { refused: 'invalid_name' }
  const isRenamed = await renameMethod(ctx.store.db, userId, methodId, name)
  return isRenamed ? { done: true } : { refused: 'no_such_method' }
}

/** Removes a method, but not the last second factor of a user who has to have one. */
export async function removeOwnMethod(
  ctx: Pick<Context, 'store' | 'clock' | 'mailer'>,
  { userId, ...of }: User,
  methodId: string,
  change: Change,
): Promise<OwnFactorChange> {
  const paused = await pauseOf(ctx, of, change)
  if (paused) return paused
  return transaction(ctx, async (tx) => {
    // Two removals at once each find the other factor otherwise.
    const user = await lockUser(tx.db, userId)
    const methods = await listMethods(tx.db, userId)
    const method = methods.find(({ id, type }) => id === methodId && type !== 'recovery')
    if (!user || !method) return { refused: 'no_such_method' }
    const removal = await removalOf(tx.db, user, methods, method)
    if (removal === 'required') return { refused: 'required_factor' }
    if (removal === 'only_way') return { refused: 'last_way_to_log_in' }
    await removeMethod(ctx, tx, userId, methodId, change)
    return { done: true }
  })
}

/** Replaces the recovery codes. They are shown once, and those of before are invalid at once. */
export async function renewRecoveryCodes(
  ctx: Pick<Context, 'store' | 'clock' | 'mailer'>,
  { userId, ...of }: User,
  { origin, keepSession }: Change,
): Promise<{ recoveryCodes: string[] } | { refused: 'no_factor' } | Paused> {
  const paused = await pauseOf(ctx, of, { origin })
  if (paused) return paused
  const what = 'The recovery codes were renewed'
  const codes = await transaction(ctx, (tx) =>
    changeFactors(ctx, tx, userId, { what, keepSession }, async (user) => {
      const { factorPolicy } = await logInSettings(tx.db)
      if (!user.secondFactor || !factorPolicy.factors['recovery-code']) return undefined
      await writeLog(tx.db, {
        ...logFields(origin, user.connection, user),
        type: 'gd_enrollment_complete',
        description: what,
        date: tx.now,
      })
      return createRecoveryCodes(tx, userId)
    }),
  )
  return codes ? { recoveryCodes: codes } : { refused: 'no_factor' }
}

/** Each change sends a mail. An address that is not verified may be that of somebody else, who would get any number of them. */
async function pauseOf(
  ctx: Pick<Context, 'store' | 'clock'>,
  { emailVerified }: Pick<User, 'emailVerified'>,
  { origin }: Pick<Change, 'origin'>,
): Promise<Paused | undefined> {
  const wait = emailVerified ? 0 : await throttleRequest(ctx, 'sign-up', origin.ip)
  return wait > 0 ? { refused: 'too_many_attempts', retryAfterSeconds: wait } : undefined
}
