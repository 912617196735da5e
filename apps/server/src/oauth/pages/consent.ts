import { html } from '../../http/html.ts'
import { csrfField } from '../../pages/csrf.ts'
import { type Frame, form, page } from '../../pages/layout.ts'
import { texts } from '../../pages/texts.ts'

export interface ConsentPage {
  frame: Frame & { application: string }
  action: string
  csrf: string
  /** Who is logged in. */
  email: string
  /** OpenID Connect's scopes that are requested. */
  scopes: string[]
  /** The API that is requested, with the permissions on it; named even without any, since a token for it is issued. */
  api?: { name: string; permissions: Array<{ value: string; description: string }> } | undefined
}

/** The form sends `decision=accept` or `decision=decline`, and the token of `csrf.ts`. */
export function consentPage({ frame, action, csrf, email, scopes, api }: ConsentPage): string {
  const { title, lead, user, audience, anyUse, accept, decline, protocol } = texts.consent
  const own = scopes.map((scope) => html`<li>${protocol[scope] ?? scope}</li>`)
  const permissions =
    api &&
    html`<h2>${audience(api.name)}</h2>
<ul class="scopes">${
      api.permissions.length > 0
        ? api.permissions.map(({ value, description }) => html`<li>${description} <code>${value}</code></li>`)
        : html`<li>${anyUse}</li>`
    }</ul>`
  return page(
    { ...frame, title, lead: lead(frame.application), aside: html`${user(email)}` },
    form(
      action,
      { [csrfField]: csrf },
      html`${own.length > 0 && html`<ul class="scopes">${own}</ul>`}
${permissions}
<div class="choices">
<button type="submit" class="primary" name="decision" value="accept">${accept}</button>
<button type="submit" name="decision" value="decline">${decline}</button>
</div>`,
    ),
  )
}
