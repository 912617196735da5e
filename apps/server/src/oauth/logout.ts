import type { FastifyReply, FastifyRequest } from 'fastify'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import { tenantSettings } from '../tenant/settings.ts'
import type { Protocol } from './protocol.ts'
import { text } from './request.ts'

interface LogoutQuery {
  client_id?: unknown
  returnTo?: unknown
}

/**
 * Where `/v2/logout` may send the browser: an address listed for the application, or without `client_id` for the
 * tenant; compared whole. Without `returnTo`, the first one listed.
 * @returns undefined where nothing is listed and nothing was asked for, false where what was asked for is not listed
 */
export async function logoutTarget(ctx: Context, query: LogoutQuery): Promise<string | undefined | false> {
  const { client_id: clientId, returnTo } = query
  const application = typeof clientId === 'string' ? await findApplication(ctx.store.db, clientId) : undefined
  const listed = application
    ? (application.data.allowed_logout_urls ?? [])
    : (await tenantSettings(ctx.store.db)).allowed_logout_urls
  if (returnTo === undefined || returnTo === '') return application ? listed[0] : undefined
  return typeof returnTo === 'string' && listed.includes(returnTo) ? returnTo : false
}

/** Ends the browser's session at the server, so that its cookie is worth nothing even where it was copied. */
export async function endBrowserSession(
  protocol: Protocol,
  logs: LogBuffer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const provider = protocol.provider()
  const koa = protocol.koaContext(request, reply)
  const session = await provider.Session.get(koa)
  const userId = session.accountId
  await session.destroy()
  koa.cookies.set(provider.cookieName('session'), null, { httpOnly: true, signed: true })
  if (userId) logs.add({ type: 'slo', description: 'Logged out', userId, ip: request.ip })
}

/**
 * An ID token of the session's own user proves that the application they use asks (RP-Initiated Logout §2): no question
 * is put to them, as Auth0 does it.
 * @returns whether the session has ended and the browser is on its way
 */
export async function endSessionOfHint(request: KoaContextWithOIDC): Promise<boolean> {
  const { entities, session, params, provider } = request.oidc
  const hint = entities.IdTokenHint as { payload?: { sub?: string } } | undefined
  if (!session || !hint?.payload?.sub || hint.payload.sub !== session.accountId) return false
  await session.destroy()
  request.cookies.set(provider.cookieName('session'), null, { httpOnly: true, signed: true })
  provider.emit('end_session.success', request)
  const target = text(params, 'post_logout_redirect_uri')
  const state = text(params, 'state')
  const url = new URL(target || `${provider.issuer}oidc/logout/success`)
  if (target && state) url.searchParams.set('state', state)
  request.redirect(url.href)
  return true
}
