import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors } from 'oidc-provider'
import type { Application } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { count } from '../telemetry/operations.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { recordSignIn, signInOf } from '../users/store.ts'
import type { User } from '../users/user.ts'
import type { Protocol } from './protocol.ts'
import { sessionCookieOptions } from './provider.ts'
import { replaceSession } from './session-model.ts'

/** Counts and logs the log-in of a user. */
export async function recordLogIn(
  { db, now }: Tx,
  { ip, headers }: FastifyRequest,
  user: User,
  application?: Pick<Application, 'clientId' | 'name'>,
): Promise<void> {
  await recordSignIn(db, user.userId, ip, now)
  await writeLog(db, {
    type: 's',
    description: 'Logged in',
    date: now,
    userId: user.userId,
    userName: user.email,
    connection: user.connection,
    // With the name, which the entry would otherwise look up.
    ...(application && { clientId: application.clientId, clientName: application.name }),
    ip,
    userAgent: headers['user-agent'],
  })
}

/** Logs the browser in outside an authorization request, as a user whose password it has just chosen. */
export async function startBrowserSession(
  ctx: Context,
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
): Promise<void> {
  const provider = protocol.provider()
  const koa = protocol.koaContext(request, reply)
  const earlier = await provider.Session.get(koa)
  if (earlier.accountId) await replaceSession(earlier)
  const session = new provider.Session()
  session.loginAccount({ accountId: user.userId, amr: ['pwd'] })
  // Makes the adapter write the session only while this password holds: see `session-model.ts`.
  Object.assign(session, { signIn: signInOf(user) })
  const { idle_session_lifetime: hours } = await tenantSettings(ctx.store.db)
  try {
    await session.save(Math.round(hours * 3600))
  } catch (error) {
    // The account was blocked, or got another password, in the meantime: the browser is not logged in.
    if (error instanceof errors.LoginRequired) return
    throw error
  }
  koa.cookies.set(provider.cookieName('session'), session.jti, {
    ...sessionCookieOptions(ctx.config.issuer),
    ...(session.exp !== undefined && { expires: new Date(session.exp * 1000) }),
  })
  await transaction(ctx, (tx) => recordLogIn(tx, request, user))
  count({ kind: 'log_in', outcome: 'success' })
}
