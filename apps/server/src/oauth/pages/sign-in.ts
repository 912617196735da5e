import type { PasswordPolicyOptions } from '../../accounts/password-policy.ts'
import type { KeyRequest } from '../../factors/key-verification.ts'
import { html } from '../../http/html.ts'
import { csrfField } from '../../pages/csrf.ts'
import { keyForm } from '../../pages/key-form.ts'
import { type Frame, field, form, noticeId, page, submit } from '../../pages/layout.ts'
import { type Problem, problemText, rulesId, rulesList } from '../../pages/problems.ts'
import { texts } from '../../pages/texts.ts'
import { type ProviderButtons, providerButtons } from './providers.ts'

interface CredentialsPage {
  frame: Frame
  /** Where the form is sent. */
  action: string
  csrf: string
  /** What was typed, or what the application knows (`login_hint`). */
  email?: string | undefined
  problem?: Problem | undefined
  /** Other providers, below the form. */
  buttons?: ProviderButtons | undefined
}

export interface LoginPage extends CredentialsPage {
  forgotUrl: string
  /** Absent where the connection takes no new accounts. */
  signUpUrl?: string | undefined
  /** The person comes from a password reset. */
  passwordChanged?: boolean
  /** Present where users log in with passkeys too. `action` is where the form is sent. */
  passkey?: (KeyRequest & { action: string }) | undefined
}

/** The form sends `email`, `password` and the token of `csrf.ts`. That of a passkey sends `answer` and `challenge`. */
export function loginPage({
  frame,
  action,
  csrf,
  email,
  problem,
  forgotUrl,
  signUpUrl,
  passwordChanged,
  buttons,
  passkey,
}: LoginPage): string {
  const { title, lead, submit: label } = texts.login
  const wrong = problem?.refused === 'wrong'
  const describedBy = problem && noticeId
  const notice = problem
    ? ({ kind: 'problem', text: problemText(problem) } as const)
    : passwordChanged && ({ kind: 'success', text: texts.login.passwordChanged } as const)
  return page(
    {
      ...frame,
      title,
      lead: lead(frame.application ?? frame.tenant),
      notice: notice || undefined,
      aside: signUpUrl
        ? html`${texts.login.noAccount} <a href="${signUpUrl}">${texts.login.signUp}</a>`
        : undefined,
      hasKeys: passkey !== undefined,
    },
    html`${form(
      action,
      { [csrfField]: csrf },
      html`${field({ name: 'email', label: texts.email, type: 'email', autocomplete: passkey ? 'username webauthn' : 'username', value: email, describedBy, invalid: wrong, focus: !email })}
${field({ name: 'password', label: texts.password, type: 'password', autocomplete: 'current-password', describedBy, invalid: wrong, focus: Boolean(email) })}
<p class="beside"><a href="${forgotUrl}">${texts.login.forgot}</a></p>
${submit(label)}`,
    )}
${
  passkey &&
  keyForm({
    action: passkey.action,
    hidden: { [csrfField]: csrf, challenge: passkey.sealed },
    use: 'get',
    options: passkey.options,
    label: texts.login.passkey,
    autofill: true,
    isPrimary: false,
  })
}
${providerButtons(buttons)}`,
  )
}

export interface SignUpPage extends CredentialsPage {
  logInUrl: string
  /** The connection's rules for passwords. */
  policy: PasswordPolicyOptions
}

/** The form sends `email`, `password` and the token of `csrf.ts`. */
export function signUpPage({
  frame,
  action,
  csrf,
  email,
  problem,
  logInUrl,
  policy,
  buttons,
}: SignUpPage): string {
  const { title, lead, submit: label, haveAccount, logIn } = texts.signUp
  const badPassword = problem?.refused === 'weak'
  const badEmail = problem?.refused === 'invalid' || problem?.refused === 'exists'
  return page(
    {
      ...frame,
      title,
      lead: lead(frame.application ?? frame.tenant),
      notice: problem && { kind: 'problem', text: problemText(problem) },
      aside: html`${haveAccount} <a href="${logInUrl}">${logIn}</a>`,
    },
    html`${form(
      action,
      { [csrfField]: csrf },
      html`${field({ name: 'email', label: texts.email, type: 'email', autocomplete: 'username', value: email, describedBy: badEmail ? noticeId : undefined, invalid: badEmail, focus: !badPassword })}
${field({ name: 'password', label: texts.password, type: 'password', autocomplete: 'new-password', describedBy: badPassword ? `${rulesId} ${noticeId}` : rulesId, invalid: badPassword, focus: badPassword })}
${rulesList(policy)}
${submit(label)}`,
    )}
${providerButtons(buttons)}`,
  )
}
