import { html, markup } from '../../http/html.ts'
import { type Frame, page } from '../../pages/layout.ts'
import { texts } from '../../pages/texts.ts'

/**
 * Asks before a log-out that carries no proof of who wants it (OpenID Connect RP-Initiated Logout 1.0, 2).
 * `form` is oidc-provider's own, with its token; its id is `op.logoutForm`.
 */
export function logoutPage({ frame, form }: { frame: Frame; form: string }): string {
  const { title, lead, leadFor, submit, stay } = texts.logout
  return page(
    { ...frame, title, lead: frame.application ? leadFor(frame.application) : lead(frame.tenant) },
    html`${markup(form)}
<div class="choices">
<button type="submit" class="primary" form="op.logoutForm" name="logout" value="yes" autofocus>${submit}</button>
<button type="submit" form="op.logoutForm">${stay}</button>
</div>`,
  )
}

export function loggedOutPage({ frame }: { frame: Frame }): string {
  const { title, lead } = texts.loggedOut
  return page({ ...frame, title, lead }, html`<p>${texts.close}</p>`)
}
