import { type Html, html } from '../../http/html.ts'
import { csrfField } from '../../pages/csrf.ts'
import { type Frame, field, form, noticeId, page, submit } from '../../pages/layout.ts'
import { type Problem, problemText } from '../../pages/problems.ts'
import { texts } from '../../pages/texts.ts'

/** The buttons of other providers. */
export interface ProviderButtons {
  /** Where the form is sent. */
  action: string
  csrf: string
  /** `name` is that of the connection. */
  providers: readonly { name: string; displayName: string }[]
}

/** The form sends `connection` and the token of `csrf.ts`. It has no icons: no page loads anything from a provider. */
export function providerButtons(buttons: ProviderButtons | undefined): Html | undefined {
  if (!buttons || buttons.providers.length === 0) return undefined
  const { action, csrf, providers } = buttons
  const { label, continueWith } = texts.providers
  const choices = providers.map(
    ({ name, displayName }) =>
      html`<button type="submit" name="connection" value="${name}">${continueWith(displayName)}</button>`,
  )
  return form(
    action,
    { [csrfField]: csrf },
    html`<div class="choices" role="group" aria-label="${label}">
${choices}
</div>`,
  )
}

/** The log-in page where no password is asked for. */
export function providersPage({
  frame,
  problem,
  buttons,
}: {
  frame: Frame
  problem?: Problem | undefined
  buttons: ProviderButtons
}): string {
  const { title, lead } = texts.login
  return page(
    {
      ...frame,
      title,
      lead: lead(frame.application ?? frame.tenant),
      notice: problem && { kind: 'problem', text: problemText(problem) },
    },
    html`${providerButtons(buttons)}`,
  )
}

interface LinkPage {
  frame: Frame
  action: string
  csrf: string
  /** The address of the account here. */
  email: string
  /** The provider's name for people. */
  provider: string
  /** Whether the person may go on with a separate account. */
  allowsSeparate: boolean
  backUrl: string
  problem?: Problem | undefined
}

/** Asks for the proof of an account. The forms send `decision`, and the first one `password`, with the token of `csrf.ts`. */
export function linkAccountPage(options: LinkPage): string {
  const { frame, action, csrf, email, provider, allowsSeparate, backUrl, problem } = options
  const words = texts.linkAccount
  const hidden = { [csrfField]: csrf }
  const password = field({
    name: 'password',
    label: words.password,
    type: 'password',
    autocomplete: 'current-password',
    describedBy: problem && noticeId,
    invalid: problem?.refused === 'wrong',
    focus: true,
  })
  const separate =
    allowsSeparate &&
    form(
      action,
      { ...hidden, decision: 'separate' },
      html`<div class="choices"><button type="submit">${words.separate}</button></div>
<p class="small">${words.separateNote(provider)}</p>`,
    )
  return page(
    {
      ...frame,
      title: words.title,
      lead: words.lead(email),
      notice: problem && { kind: 'problem', text: problemText(problem) },
      aside: html`<a href="${backUrl}">${words.back}</a>`,
    },
    html`<p>${words.explain(provider)}</p>
${form(action, { ...hidden, decision: 'connect' }, html`${password}${submit(words.submit)}`)}
${separate}`,
  )
}
