import type { ApiError } from '../api/api-error.ts'
import { password as text } from './text.ts'

export type PasswordPolicy = keyof typeof text.policies

/** What is wrong with a password that was refused, and what is allowed. Undefined: something else was refused. */
export function passwordError({ message }: ApiError, policy: PasswordPolicy): string | undefined {
  if (message.startsWith('PasswordStrengthError')) return text.tooWeak(text.policies[policy])
  if (message.startsWith('PasswordDictionaryError')) return text.tooCommon
  if (message.startsWith('PasswordNoUserInfoError')) return text.personal
  return undefined
}
