import type { KoaContextWithOIDC } from 'oidc-provider'
import { text } from './request.ts'

/**
 * An ID token of the session's own user proves that the application they use asks (RP-Initiated Logout §2): no question
 * is put to them, as Auth0 does it.
 * @returns whether the session has ended and the browser is on its way
 */
export async function endSessionOfHint(request: KoaContextWithOIDC): Promise<boolean> {
  const { session, provider } = request.oidc
  if (!session || !isOfHint(session, request)) return false
  await session.destroy()
  request.cookies.set(provider.cookieName('session'), null, { httpOnly: true, signed: true })
  provider.emit('end_session.success', request)
  request.redirect(addressAfter(request))
  return true
}

/** Whether `id_token_hint` is of the session's user, and `logout_hint`, where there is one, of this log-in. */
function isOfHint(
  session: NonNullable<KoaContextWithOIDC['oidc']['session']>,
  { oidc }: KoaContextWithOIDC,
): boolean {
  const hint = oidc.entities.IdTokenHint as { payload?: { sub?: string } } | undefined
  const sub = hint?.payload?.sub
  if (!sub || sub !== session.accountId) return false
  // A hint that names another log-in (Auth0's is the `sid`): the person decides.
  const logoutHint = text(oidc.params, 'logout_hint')
  const own = [session.sidFor(oidc.client?.clientId ?? ''), session.accountId]
  return logoutHint === '' || own.includes(logoutHint)
}

function addressAfter({ oidc: { params, provider } }: KoaContextWithOIDC): string {
  const target = text(params, 'post_logout_redirect_uri')
  if (target === '') return `${provider.issuer}oidc/logout/success`
  const url = new URL(target)
  const state = text(params, 'state')
  if (state !== '') url.searchParams.set('state', state)
  return url.href
}
