import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * Answers by `form_post`, and a log-out without a session, are pages of oidc-provider whose script sends their form. It
 * adds the hash of that script to a policy that has `script-src`; without one, a browser would show an empty page.
 * `form-action` stays open: browsers hold the redirects that follow a form to it too, and those are the application's.
 */
export async function allowSelfSendingForm(
  request: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  request.set(
    'content-security-policy',
    "default-src 'none'; script-src; base-uri 'none'; frame-ancestors 'none'",
  )
  await next()
}
