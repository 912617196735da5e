import { type Html, html, markup } from '../../http/html.ts'
import { csrfField } from '../../pages/csrf.ts'
import { type Frame, field, form, type Notice, noticeId, page, submit } from '../../pages/layout.ts'
import { type Problem, problemText } from '../../pages/problems.ts'
import { texts } from '../../pages/texts.ts'

interface StepPage {
  frame: Frame
  action: string
  csrf: string
}

/** The form sends `code` and `kind`. */
export function codePage({
  frame,
  action,
  csrf,
  email,
  kind,
  hasRecovery,
  base,
  problem,
}: StepPage & {
  email: string
  /** What is asked for. */
  kind: 'totp' | 'recovery'
  /** Whether recovery codes are accepted. */
  hasRecovery: boolean
  /** The address of the interaction. */
  base: string
  problem: Problem | undefined
}): string {
  const { title, label, submit: next, lead, lost, back, other } = texts.secondStep[kind]
  const invalid = problem?.refused === 'wrong_code' || problem?.refused === 'wrong_recovery_code'
  const [switchTo, switchText] = kind === 'totp' ? ['recovery', lost] : ['totp', back]
  return page(
    {
      ...frame,
      title,
      lead: lead(email),
      notice: problem && { kind: 'problem', text: problemText(problem) },
      aside: html`<a href="${base}?screen=login">${other}</a>`,
    },
    form(
      action,
      { [csrfField]: csrf, kind },
      html`${codeField(kind, label, invalid, problem && noticeId)}
${(kind === 'recovery' || hasRecovery) && html`<p class="beside"><a href="${action}?kind=${switchTo}">${switchText}</a></p>`}
${submit(next)}`,
    ),
  )
}

/** What the page has in addition outside a log-in: the form sends `name` too. */
interface NamedSetUp {
  lead: string
  label: string
  name: string
  notice: Notice | undefined
  aside: Html
}

/** The form sends `code` and `offer`. */
export function setUpTotpPage({
  frame,
  action,
  csrf,
  email,
  offer,
  problem,
  named,
}: StepPage & {
  email: string
  offer: { secret: string; qr: string; sealed: string }
  problem: Problem | undefined
  named?: NamedSetUp
}): string {
  const { title, lead, scan, alt, type, label, submit: next } = texts.setUpTotp
  const invalid = problem?.refused === 'wrong_code'
  return page(
    {
      ...frame,
      title,
      lead: lead(email),
      notice: problem && { kind: 'problem', text: problemText(problem) },
      ...named,
    },
    form(
      action,
      { [csrfField]: csrf, offer: offer.sealed },
      html`<p>${scan}</p>
<div class="qr" role="img" aria-label="${alt}">${markup(offer.qr)}</div>
<p>${type}</p>
<p><code class="secret">${inGroups(offer.secret)}</code></p>
${named && field({ name: 'name', label: named.label, type: 'name', autocomplete: 'off', value: named.name })}
${codeField('totp', label, invalid, (problem ?? named?.notice) && noticeId)}
${submit(next)}`,
    ),
  )
}

/** The end of setting a factor up, with the recovery codes where new ones were made: they are shown here only. */
export function recoveryCodesPage({
  frame,
  action,
  csrf,
  codes,
}: StepPage & { codes: readonly string[] }): string {
  const { title, lead, leadWithout, keep, submit: next } = texts.recoveryCodes
  return page(
    { ...frame, title, lead: codes.length > 0 ? lead : leadWithout },
    form(
      action,
      { [csrfField]: csrf },
      html`${
        codes.length > 0 &&
        html`${codesList(codes)}
<p>${keep}</p>`
      }
${submit(next)}`,
    ),
  )
}

export function codesList(codes: readonly string[]): Html {
  return html`<ul class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>`
}

function codeField(
  kind: 'totp' | 'recovery',
  label: string,
  invalid: boolean,
  describedBy: string | undefined,
): Html {
  return kind === 'totp'
    ? field({
        name: 'code',
        label,
        type: 'code',
        autocomplete: 'one-time-code',
        describedBy,
        invalid,
        focus: true,
      })
    : field({ name: 'code', label, type: 'text', autocomplete: 'off', describedBy, invalid, focus: true })
}

/** In groups of four, which are easier to copy. Apps ignore the blanks. */
const inGroups = (secret: string) => secret.replaceAll(/(.{4})(?=.)/g, '$1 ')
