import { logFields, type Origin } from '../accounts/accounts.ts'
import type { Context } from '../context.ts'
import { randomHex } from '../crypto/secrets.ts'
import { noSuchUser, notFound } from '../http/api-error.ts'
import { writeLog } from '../logs/log.ts'
import { factorsChangedMessage } from '../mail/templates.ts'
import { endSessions } from '../sessions/store.ts'
import { recordChange } from '../store/changes.ts'
import { mark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { lockUser, putSecondFactor } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { deleteMethod, deleteMethodsOf, listMethods, type Method } from './store.ts'

type Deps = Pick<Context, 'mailer'>

/** Auth0 names a method by its type and a random part. */
export const newMethodId = (type: Method['type']) => `${type}|${randomHex(24)}`

/** Whether a method is asked for after the password. A passkey is used instead of the password. */
export const isSecondFactor = ({ type }: Method) => type === 'totp' || type === 'webauthn'

interface FactorChange {
  /** Names the change in the mail: `Authenticator app was added`. */
  what: string
  /** The session that goes on. All others of the user end. */
  keepSession?: string | undefined
}

/**
 * Runs a change of a user's authentication methods. All other sessions of the user end, log-ins that were decided on the
 * methods of before are refused, and the user is told by mail. Recovery codes go with the last second factor.
 * @param change is given the user, whose row is locked. Where it returns undefined, nothing has changed.
 * @throws ApiError 404
 */
export async function changeFactors<T>(
  { mailer }: Deps,
  tx: Tx,
  userId: string,
  { what, keepSession }: FactorChange,
  change: (user: User) => Promise<T>,
): Promise<T> {
  const { db, now } = tx
  const user = await lockUser(db, userId)
  if (!user) throw noSuchUser()
  const result = await change(user)
  if (result === undefined) return result
  const methods = await listMethods(db, userId)
  const secondFactor = methods.some(isSecondFactor)
  if (!secondFactor) for (const { id, type } of methods) if (type === 'recovery') await deleteMethod(db, id)
  await putSecondFactor(db, userId, secondFactor, now)
  await endSessions(db, { userId, exceptUid: keepSession })
  mark(tx, { effect: 'loss', reason: 'session', subject: userId })
  await recordChange(tx, 'user', userId)
  const { friendly_name: tenant } = await tenantSettings(db)
  await mailer.send(factorsChangedMessage({ tenant, to: user.email, what }), db)
  return result
}

/** @throws ApiError 404 where the user has no such method */
export async function requireMethod(db: Db, userId: string, methodId: string): Promise<Method> {
  const method = (await listMethods(db, userId)).find(({ id }) => id === methodId)
  if (!method) throw notFound('The authentication method does not exist', 'inexistent_authentication_method')
  return method
}

/** Removes a method. @throws ApiError 404 @returns the method, as it was */
export async function removeMethod(
  ctx: Deps,
  tx: Tx,
  userId: string,
  methodId: string,
  { origin, keepSession }: { origin?: Origin; keepSession?: string | undefined } = {},
): Promise<Method> {
  // Of two removals at once the second finds nothing.
  await lockUser(tx.db, userId)
  const method = await requireMethod(tx.db, userId, methodId)
  const what = `${method.name} was removed`
  return changeFactors(ctx, tx, userId, { what, keepSession }, async (user) => {
    await deleteMethod(tx.db, methodId)
    const kind = method.type === 'passkey' ? 'passkey' : 'second factor'
    await logRemoval(tx, user, `A ${kind} was removed: ${method.name}`, origin)
    return method
  })
}

/**
 * Removes every method of a user, for one who has lost them.
 * @param reason of the log entry
 * @returns those that were there
 */
export async function resetFactors(
  ctx: Deps,
  tx: Tx,
  userId: string,
  { reason = 'Every second factor was removed' }: { reason?: string } = {},
): Promise<Method[]> {
  const methods = await listMethods(tx.db, userId)
  return changeFactors(ctx, tx, userId, { what: 'All of them were removed' }, async (user) => {
    await deleteMethodsOf(tx.db, userId)
    await logRemoval(tx, user, reason, undefined)
    return methods
  })
}

async function logRemoval(
  tx: Tx,
  user: User,
  description: string,
  origin: Origin | undefined,
): Promise<void> {
  const fields = origin
    ? logFields(origin, user.connection, user)
    : { userId: user.userId, userName: user.email, connection: user.connection }
  await writeLog(tx.db, { ...fields, type: 'gd_unenroll', description, date: tx.now })
}
