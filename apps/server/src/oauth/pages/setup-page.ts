import type { PasswordPolicyOptions } from '../../accounts/password-policy.ts'
import type { OwnerTicketPurpose } from '../../accounts/store.ts'
import { html } from '../../http/html.ts'
import { type Frame, field, form, noticeId, page, submit } from '../../pages/layout.ts'
import { type Problem, problemText, rulesId, rulesList } from '../../pages/problems.ts'

const texts = {
  first_owner: {
    title: 'Set up the first owner',
    lead: 'This account may do everything in the dashboard. The link works once.',
    submit: 'Create the owner',
  },
  owner: {
    title: 'Make an owner',
    lead: 'This account may do everything in the dashboard. An existing account with this address gets the new password, is no longer blocked and is signed out everywhere. The link works once.',
    submit: 'Make this account an owner',
  },
  email: 'Email address',
  password: 'Password',
  gone: {
    title: 'This link no longer works',
    lead: 'It was used, it has expired, or there is an owner already.',
    hint: 'As long as there is no owner, the server prints a new one whenever it starts. Its command owner-link prints one at any time.',
    next: 'Go to the dashboard',
  },
}

interface SetupPage {
  purpose: OwnerTicketPurpose
  frame: Frame
  action: string
  hidden: Record<string, string>
  email: string
  policy: PasswordPolicyOptions
  problem: Problem | undefined
}

export function setupPage({ purpose, frame, action, hidden, email, policy, problem }: SetupPage): string {
  const weak = problem?.refused === 'weak'
  const describedBy = problem ? `${rulesId} ${noticeId}` : rulesId
  const notice = problem && ({ kind: 'problem', text: problemText(problem) } as const)
  const { title, lead, submit: label } = texts[purpose]
  return page(
    { ...frame, title, lead, notice },
    form(
      action,
      hidden,
      html`${field({ name: 'email', label: texts.email, type: 'email', autocomplete: 'username', value: email, describedBy: problem && noticeId, invalid: problem !== undefined && !weak, focus: !weak })}
${field({ name: 'password', label: texts.password, type: 'password', autocomplete: 'new-password', describedBy, invalid: weak, focus: weak })}
${rulesList(policy)}
${submit(label)}`,
    ),
  )
}

export function setupGonePage(frame: Frame, dashboardUrl: string): string {
  const { title, lead, hint, next } = texts.gone
  return page(
    { ...frame, title, lead },
    html`<p>${hint}</p>
<p><a class="button" href="${dashboardUrl}">${next}</a></p>`,
  )
}
