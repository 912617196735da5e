import type { PasswordPolicyOptions } from '../../accounts/password-policy.ts'
import { html } from '../../http/html.ts'
import { type Frame, field, form, noticeId, page, submit } from '../../pages/layout.ts'
import { type Problem, problemText, rulesId, rulesList } from '../../pages/problems.ts'
import { texts } from '../../pages/texts.ts'

interface FormPage {
  frame: Frame
  action: string
  /** What the form sends along: the token of `csrf.ts`, the ticket. */
  hidden: Record<string, string>
  problem?: Problem | undefined
}

export function forgotPage(
  options: FormPage & { email?: string | undefined; backUrl?: string | undefined },
): string {
  const { frame, action, hidden, email, backUrl, problem } = options
  const { title, lead, submit: label, back } = texts.forgot
  const describedBy = problem && noticeId
  return page(
    {
      ...frame,
      title,
      lead,
      notice: noticeOf(problem),
      aside: backUrl ? html`<a href="${backUrl}">${back}</a>` : undefined,
    },
    form(
      action,
      hidden,
      html`${field({ name: 'email', label: texts.email, type: 'email', autocomplete: 'username', value: email, describedBy, invalid: problem?.refused === 'invalid', focus: true })}
${submit(label)}`,
    ),
  )
}

export function forgotSentPage({
  frame,
  email,
  sendsMail,
  hasProviders,
  backUrl,
}: {
  frame: Frame
  email: string
  /** Without a mail server, mails stay in the outbox. */
  sendsMail: boolean
  /** Whether people can log in to the application with other providers, which have the passwords then. */
  hasProviders?: boolean
  backUrl?: string | undefined
}): string {
  const { title, titleKept, lead: leadSent, leadKept, hint: hintSent, hintKept } = texts.forgotSent
  const [lead, hint] = sendsMail ? [leadSent, hintSent] : [leadKept, hintKept]
  const aside = backUrl ? html`<a href="${backUrl}">${texts.forgot.back}</a>` : undefined
  return page(
    { ...frame, title: sendsMail ? title : titleKept, lead: lead(email), aside },
    html`<p>${hint}</p>
${hasProviders && html`<p>${texts.forgotSent.providers}</p>`}`,
  )
}

export function resetPage(options: FormPage & { email: string; policy: PasswordPolicyOptions }): string {
  const { frame, action, hidden, email, policy, problem } = options
  const { title, lead, submit: label, note } = texts.reset
  const describedBy = problem ? `${rulesId} ${noticeId}` : rulesId
  return page(
    { ...frame, title, lead: lead(email), notice: noticeOf(problem) },
    form(
      action,
      hidden,
      html`<input type="text" name="username" value="${email}" autocomplete="username" hidden>
${field({ name: 'password', label: texts.newPassword, type: 'password', autocomplete: 'new-password', describedBy, invalid: problem?.refused === 'weak', focus: true })}
${rulesList(policy)}
<p class="small">${note}</p>
${submit(label)}`,
    ),
  )
}

/** The end of a mailed link: what is done, and the way on where one is known. */
function donePage(frame: Frame, title: string, lead: string, nextUrl: string | undefined): string {
  const next = nextUrl
    ? html`<p><a class="button" href="${nextUrl}">${texts.proceed}</a></p>`
    : html`<p>${texts.close}</p>`
  return page({ ...frame, title, lead }, next)
}

export function resetDonePage({ frame, nextUrl }: { frame: Frame; nextUrl?: string | undefined }): string {
  return donePage(frame, texts.resetDone.title, texts.resetDone.lead, nextUrl)
}

export function verifiedPage(options: { frame: Frame; email: string; nextUrl?: string | undefined }): string {
  return donePage(options.frame, texts.verified.title, texts.verified.lead(options.email), options.nextUrl)
}

export function verifyPage(
  options: FormPage & {
    email: string
    /** That the account gets instead. */
    newEmail?: string | undefined
    asksPassword: boolean
    forgotUrl: string
  },
): string {
  const { frame, action, hidden, email, newEmail, asksPassword, forgotUrl, problem } = options
  const { title, lead, change, why, submit: label, notMine, takeOver } = texts.verify
  const describedBy = problem ? noticeId : 'why'
  const password = html`<input type="text" name="username" value="${email}" autocomplete="username" hidden>
${field({ name: 'password', label: texts.password, type: 'password', autocomplete: 'current-password', describedBy, invalid: problem?.refused === 'wrong', focus: true })}
<p class="small" id="why">${why}</p>`
  return page(
    {
      ...frame,
      title,
      lead: newEmail === undefined ? lead(email) : change(email, newEmail),
      notice: noticeOf(problem),
      aside:
        asksPassword && newEmail === undefined
          ? html`${notMine} <a href="${forgotUrl}">${takeOver}</a>`
          : undefined,
    },
    form(action, hidden, html`${asksPassword && password}${submit(label)}`),
  )
}

export function linkInvalidPage({
  frame,
  retryUrl,
}: {
  frame: Frame
  retryUrl?: string | undefined
}): string {
  const { title, lead, retry } = texts.linkInvalid
  const next = retryUrl ? html`<p><a class="button" href="${retryUrl}">${retry}</a></p>` : html``
  return page({ ...frame, title, lead }, next)
}

function noticeOf(problem: Problem | undefined) {
  return problem && ({ kind: 'problem', text: problemText(problem) } as const)
}
