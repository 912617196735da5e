import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import type { Application } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { newDevice } from '../sessions/device.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { count } from '../telemetry/operations.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { recordSignIn, signInOf } from '../users/store.ts'
import type { User } from '../users/user.ts'
import type { Proof } from './interaction/finish.ts'
import type { Protocol } from './protocol.ts'
import { sessionCookieOptions } from './provider.ts'
import { replaceSession } from './session-model.ts'

/** Counts and logs the log-in of a user. @param via the connection, where it is not the user's own */
export async function recordLogIn(
  { db, now }: Tx,
  { ip, headers }: FastifyRequest,
  user: User,
  application?: Pick<Application, 'clientId' | 'name'>,
  via: { connection: string; strategy?: string } = user,
): Promise<void> {
  await recordSignIn(db, user.userId, ip, now)
  await writeLog(db, {
    type: 's',
    description: 'Logged in',
    date: now,
    userId: user.userId,
    userName: user.email,
    connection: via.connection,
    strategy: via.strategy,
    // With the name, which the entry would otherwise look up.
    ...(application && { clientId: application.clientId, clientName: application.name }),
    ip,
    userAgent: headers['user-agent'],
  })
}

/**
 * Logs the browser in outside an authorization request, as a user whose password it has just chosen.
 * @param proof what the session before it was obtained with, which a new password does not take away
 */
export async function startBrowserSession(
  ctx: Context,
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
  proof: Proof = { amr: ['pwd'] },
): Promise<void> {
  const provider = protocol.provider()
  const koa = protocol.koaContext(request, reply)
  const earlier = await provider.Session.get(koa)
  if (earlier.accountId) await replaceSession(earlier)
  const session = new provider.Session()
  session.loginAccount({ accountId: user.userId, ...proof, amr: [...proof.amr] })
  // Makes the adapter write the session only while this password holds: see `session-model.ts`.
  const device = newDevice(request.ip, request.headers['user-agent'])
  Object.assign(session, { signIn: signInOf(user), device })
  // The account may have been blocked, or got another password, in the meantime: the browser is not logged in then.
  if (!(await saveSession(ctx, provider, koa, session))) return
  await transaction(ctx, (tx) => recordLogIn(tx, request, user))
  count({ kind: 'log_in', outcome: 'success' })
}

/**
 * Adds a factor that was just set up to the browser's session, which gets a new id. The id of before is dead, so that a thief
 * who knew it gets no session with two factors.
 */
export async function addFactorToSession(
  ctx: Context,
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  { amr, acr }: Proof,
): Promise<void> {
  const provider = protocol.provider()
  const koa = protocol.koaContext(request, reply)
  const session = await provider.Session.get(koa)
  if (!session.accountId) return
  session.amr = [...new Set([...(session.amr ?? []), ...amr])]
  if (acr !== undefined) session.acr = acr
  session.resetIdentifier()
  await saveSession(ctx, provider, koa, session)
}

/** Writes the session and its cookie. @returns false when the session, or the log-in that it is of, has ended */
async function saveSession(
  ctx: Context,
  provider: Provider,
  { cookies }: KoaContextWithOIDC,
  session: InstanceType<Provider['Session']>,
): Promise<boolean> {
  const { idle_session_lifetime: hours } = await tenantSettings(ctx.store.db)
  try {
    await session.save(Math.round(hours * 3600))
  } catch (error) {
    if (error instanceof errors.LoginRequired) return false
    throw error
  }
  // Another request has given it an id in the meantime.
  if ('destroyed' in session) return false
  cookies.set(provider.cookieName('session'), session.jti, {
    ...sessionCookieOptions(ctx.config.issuer),
    ...(session.exp !== undefined && { expires: new Date(session.exp * 1000) }),
  })
  return true
}
