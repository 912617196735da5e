import type { FastifyReply, FastifyRequest } from 'fastify'
import { findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import { tenantSettings } from '../tenant/settings.ts'
import type { Protocol } from './protocol.ts'

interface LogoutQuery {
  client_id?: unknown
  returnTo?: unknown
}

/**
 * Where `/v2/logout` may send the browser: an address listed for the application, or without `client_id` for the
 * tenant. Query and fragment do not count, as Auth0 compares; everything before them is compared whole. Without
 * `returnTo`, the first one listed.
 * @returns undefined where nothing is listed and nothing was asked for, false where what was asked for is not listed
 */
export async function logoutTarget(ctx: Context, query: LogoutQuery): Promise<string | undefined | false> {
  const { client_id: clientId, returnTo } = query
  if (Array.isArray(clientId) || Array.isArray(returnTo)) return false
  const ofApplication = typeof clientId === 'string' && clientId !== ''
  const listed = ofApplication
    ? ((await findApplication(ctx.store.db, clientId))?.data.allowed_logout_urls ?? [])
    : (await tenantSettings(ctx.store.db)).allowed_logout_urls
  if (typeof returnTo !== 'string' || returnTo === '') return ofApplication ? listed[0] : undefined
  const base = withoutQuery(returnTo)
  return returnTo.isWellFormed() && listed.some((url) => withoutQuery(url) === base)
    ? base + inHeader(returnTo.slice(base.length))
    : false
}

const withoutQuery = (url: string) => url.slice(0, url.search(/[?#]|$/))

/** What a `Location` header cannot carry, percent-encoded. */
const inHeader = (text: string) => text.replace(/[^\x21-\x7e]/gu, encodeURIComponent)

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
