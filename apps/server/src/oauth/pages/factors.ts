import type { KeyRequest } from '../../factors/key-verification.ts'
import type { StepKind } from '../../factors/usable.ts'
import { type Html, html, markup } from '../../http/html.ts'
import { csrfField } from '../../pages/csrf.ts'
import { keyForm } from '../../pages/key-form.ts'
import { type Frame, field, form, type Notice, noticeId, page, submit } from '../../pages/layout.ts'
import { type Problem, problemText } from '../../pages/problems.ts'
import { texts } from '../../pages/texts.ts'

interface StepPage {
  frame: Frame
  action: string
  csrf: string
}

interface VerificationPage extends StepPage {
  email: string
  /** What else the user can go on with. */
  others: readonly StepKind[]
  /** The address of the interaction. */
  base: string
  problem: Problem | undefined
}

/** The form sends `code` and `kind`. */
export function codePage({
  kind,
  ...given
}: VerificationPage & {
  /** What is asked for. */
  kind: 'totp' | 'recovery'
}): string {
  const { action, csrf, problem } = given
  const { label } = texts.secondStep[kind]
  const invalid = problem?.refused === 'wrong_code' || problem?.refused === 'wrong_recovery_code'
  return verificationPage(
    kind,
    given,
    form(
      action,
      { [csrfField]: csrf, kind },
      html`${codeField(kind, label, invalid, problem && noticeId)}
${otherWays(given)}
${submit(texts.secondStep.submit)}`,
    ),
  )
}

/** The form sends `answer`, `challenge` and `kind`. */
export function keyPage({ request, ...given }: VerificationPage & { request: KeyRequest }): string {
  const { action, csrf } = given
  const { how, submit: label, missing } = texts.secondStep.key
  return verificationPage(
    'key',
    given,
    html`${keyForm({
      action,
      hidden: { [csrfField]: csrf, kind: 'key', challenge: request.sealed },
      use: 'get',
      options: request.options,
      label,
      content: html`<p>${how}</p>`,
      missing,
    })}
${otherWays(given)}`,
  )
}

function verificationPage(
  kind: StepKind,
  { frame, email, base, problem }: VerificationPage,
  body: Html,
): string {
  const { title, lead } = texts.secondStep[kind]
  return page(
    {
      ...frame,
      title,
      lead: lead(email),
      notice: problem && { kind: 'problem', text: problemText(problem) },
      aside: html`<a href="${base}?screen=login">${texts.secondStep.other}</a>`,
      hasKeys: kind === 'key',
    },
    body,
  )
}

function otherWays({ action, others }: VerificationPage): Html[] {
  return others.map(
    (kind) => html`<p class="beside"><a href="${action}?kind=${kind}">${texts.secondStep[kind].use}</a></p>`,
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
  offersKey,
  problem,
  named,
}: StepPage & {
  email: string
  offer: { secret: string; qr: string; sealed: string }
  /** Whether a security key can be set up instead. */
  offersKey?: boolean
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
      { [csrfField]: csrf, kind: 'totp', offer: offer.sealed },
      html`<p>${scan}</p>
<div class="qr" role="img" aria-label="${alt}">${markup(offer.qr)}</div>
<p>${type}</p>
<p><code class="secret">${inGroups(offer.secret)}</code></p>
${named && field({ name: 'name', label: named.label, type: 'name', autocomplete: 'off', value: named.name })}
${codeField('totp', label, invalid, (problem ?? named?.notice) && noticeId)}
${offersKey && html`<p class="beside"><a href="${action}?kind=key">${texts.setUpKey.instead}</a></p>`}
${submit(next)}`,
    ),
  )
}

/** The form sends `answer` and `offer`. */
export function setUpKeyPage({
  frame,
  action,
  csrf,
  email,
  offer,
  offersApp,
  problem,
}: StepPage & {
  email: string
  offer: { options: object; sealed: string }
  /** Whether an authenticator app can be set up instead. */
  offersApp: boolean
  problem: Problem | undefined
}): string {
  const { title, lead, how, submit: label, missing } = texts.setUpKey
  return page(
    {
      ...frame,
      title,
      lead: lead(email),
      notice: problem && { kind: 'problem', text: problemText(problem) },
      hasKeys: true,
    },
    html`${keyForm({
      action,
      hidden: { [csrfField]: csrf, kind: 'key', offer: offer.sealed },
      use: 'create',
      options: offer.options,
      label,
      content: html`<p>${how}</p>`,
      missing,
    })}
${offersApp && html`<p class="beside"><a href="${action}?kind=totp">${texts.setUpTotp.instead}</a></p>`}`,
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
