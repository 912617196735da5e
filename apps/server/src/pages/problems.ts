import {
  type PasswordPolicyOptions,
  type PasswordProblem,
  type PasswordRule,
  passwordRules,
} from '../accounts/password-policy.ts'
import type { SignInOutcome } from '../accounts/sign-in.ts'
import type { SignUpOutcome } from '../accounts/sign-up.ts'
import { type Html, html } from './html.ts'
import { texts, waitText } from './texts.ts'

/** What a form says: a refusal of the rules, a page that is out of date, or why a person has to log in again. */
export type Problem =
  | Exclude<SignInOutcome | SignUpOutcome, { user: unknown }>
  | { refused: 'expired' | 'connection' }

export function problemText(problem: Problem): string {
  switch (problem.refused) {
    case 'too_many_attempts':
      return texts.problems.too_many_attempts(waitText(problem.retryAfterSeconds))
    case 'weak':
      return passwordProblemText(problem.problem)
    default:
      return texts.problems[problem.refused]
  }
}

function passwordProblemText({ name }: PasswordProblem): string {
  if (name === 'PasswordDictionaryError') return texts.problems.common
  return name === 'PasswordNoUserInfoError' ? texts.problems.personal : texts.problems.weak
}

export const rulesId = 'rules'

/** The rules of a connection, below the field they are for. */
export function rulesList(options: PasswordPolicyOptions): Html {
  const rules = passwordRules(options).map((rule) => html`<li>${words(rule)}</li>`)
  return html`<div class="rules" id="${rulesId}">
<p>${texts.rules}</p>
<ul>${rules}<li>${texts.notCommon}</li></ul>
</div>`
}

/** Auth0's sentences are made for programs that fill in their placeholders; these are made for the list. */
function words({ code, format = [], items = [], message }: PasswordRule): string {
  const count = Number(format[0])
  const kinds = items.map((item) => texts.kinds[item.code] ?? item.message).join(', ')
  switch (code) {
    case 'lengthAtLeast':
      return texts.requiredLength(count)
    case 'containsAtLeast':
      return texts.requiredKinds(count, kinds)
    case 'shouldContain':
      return kinds
    case 'identicalChars':
      return texts.mostRepeated(count)
    default:
      return message
  }
}
