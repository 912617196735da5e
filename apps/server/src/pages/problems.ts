import {
  type PasswordPolicyOptions,
  type PasswordProblem,
  type PasswordRule,
  passwordRules,
} from '../accounts/password-policy.ts'
import type { SignInOutcome } from '../accounts/sign-in.ts'
import type { SignUpOutcome } from '../accounts/sign-up.ts'
import { type Html, html } from '../http/html.ts'
import { texts, waitText } from './texts.ts'

/** The problem that a form shows: a refusal by a rule, an expired page, or a connection that is not enabled. */
export type Problem =
  | Exclude<SignInOutcome | SignUpOutcome, { user: unknown }>
  | { refused: 'expired' | 'connection' | 'second_factor' }
  | ProviderProblem
  | {
      refused: 'wrong_code' | 'wrong_recovery_code' | 'offer_expired' | 'too_many_methods' | 'factors_changed'
    }
  | { refused: 'wrong_key' | 'wrong_passkey' | 'key_expired' | 'key_copied' | 'key_taken' | 'not_offered' }

/** A log-in at another provider was refused, by it or by this server. */
export interface ProviderProblem {
  refused: keyof typeof texts.providers.problems
  /** The name of the provider, for people. */
  provider: string
}

export function problemText(problem: Problem): string {
  if ('provider' in problem) return texts.providers.problems[problem.refused](problem.provider)
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

/** The password rules of a connection, below the field. */
export function rulesList(options: PasswordPolicyOptions): Html {
  const rules = passwordRules(options).map((rule) => html`<li>${ruleText(rule)}</li>`)
  return html`<div class="rules" id="${rulesId}">
<p>${texts.rules}</p>
<ul>${rules}<li>${texts.notCommon}</li></ul>
</div>`
}

/** Words a rule for the list. Auth0's own sentences have placeholders for programs to fill in. */
function ruleText({ code, format = [], items = [], message }: PasswordRule): string {
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
