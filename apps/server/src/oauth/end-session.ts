import type { KoaContextWithOIDC } from 'oidc-provider'
import { text } from './request.ts'

/**
 * An ID token of the session's own user proves that the application they use asks (RP-Initiated Logout §2): no question
 * is put to them, as Auth0 does it.
 * @returns whether the session has ended and the browser is on its way
 */
export async function endSessionOfHint(request: KoaContextWithOIDC): Promise<boolean> {
  const { entities, session, params, provider } = request.oidc
  const hint = entities.IdTokenHint as { payload?: { sub?: string } } | undefined
  if (!session || !hint?.payload?.sub || hint.payload.sub !== session.accountId) return false
  // A hint that names another log-in (Auth0's is the `sid`): the person decides.
  const logoutHint = text(params, 'logout_hint')
  const own = [session.sidFor(request.oidc.client?.clientId ?? ''), session.accountId]
  if (logoutHint && !own.includes(logoutHint)) return false
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
