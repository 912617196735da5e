import { html } from '../http/html.ts'
import { type Frame, field, form, noticeId, page, submit } from '../pages/layout.ts'
import { type Problem, problemText, rulesId, rulesList } from '../pages/problems.ts'
import type { PasswordPolicyOptions } from '../users/password-policy.ts'

const texts = {
  title: 'Set up the first owner',
  lead: 'This account may do everything in the dashboard. The link works once.',
  email: 'Email address',
  password: 'Password',
  submit: 'Create the owner',
  gone: {
    title: 'This link no longer works',
    lead: 'It was used, it is older than a day, or there is an owner already.',
    hint: 'As long as there is no owner, the server prints a new one whenever it starts.',
    next: 'Go to the dashboard',
  },
}

interface SetupPage {
  frame: Frame
  action: string
  hidden: Record<string, string>
  email: string
  policy: PasswordPolicyOptions
  problem: Problem | undefined
}

export function setupPage({ frame, action, hidden, email, policy, problem }: SetupPage): string {
  const weak = problem?.refused === 'weak'
  const describedBy = problem ? `${rulesId} ${noticeId}` : rulesId
  const notice = problem && ({ kind: 'problem', text: problemText(problem) } as const)
  return page(
    { ...frame, title: texts.title, lead: texts.lead, notice },
    form(
      action,
      hidden,
      html`${field({ name: 'email', label: texts.email, type: 'email', autocomplete: 'username', value: email, describedBy: problem && noticeId, invalid: problem !== undefined && !weak, focus: !weak })}
${field({ name: 'password', label: texts.password, type: 'password', autocomplete: 'new-password', describedBy, invalid: weak, focus: weak })}
${rulesList(policy)}
${submit(texts.submit)}`,
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
