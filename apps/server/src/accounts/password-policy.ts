import { passwordByteLimit } from '../crypto/hashing-queue.ts'

/** The options of a connection about passwords, with Auth0's names. An absent member means the default. */
export interface PasswordPolicyOptions {
  passwordPolicy?: 'none' | 'low' | 'fair' | 'good' | 'excellent' | null | undefined
  password_complexity_options?: { min_length?: number | undefined } | null | undefined
  password_dictionary?: { enable?: boolean | undefined; dictionary?: string[] | undefined } | null | undefined
  password_no_personal_info?: { enable?: boolean | undefined } | null | undefined
}

/** The owner of the password, which must not contain the owner's data. */
export interface PasswordOwner {
  email: string
  name?: string | undefined
  nickname?: string | undefined
  username?: string | undefined
}

/** A rule with Auth0's message. `format` has the values of the message's placeholders, in order. */
export interface PasswordRule {
  message: string
  code: string
  format?: Array<number | string>
  items?: Array<{ message: string; code: string; verified: boolean }>
  verified: boolean
}

/** Why a password is refused. Auth0's clients distinguish the cases by `name`. */
export type PasswordProblem =
  | { name: 'PasswordStrengthError'; message: 'Password is too weak'; rules: PasswordRule[]; policy: string }
  | { name: 'PasswordDictionaryError'; message: 'Password is too common' }
  | { name: 'PasswordNoUserInfoError'; message: 'Password contains user information' }

/** ASVS 6.2.1 requires eight. Auth0's weaker policies accept one or six. */
const minLength = 8

const characterClasses = {
  lowerCase: { message: 'lower case letters (a-z)', test: /[a-z]/ },
  upperCase: { message: 'upper case letters (A-Z)', test: /[A-Z]/ },
  numbers: { message: 'numbers (i.e. 0-9)', test: /\d/ },
  specialCharacters: {
    message: 'special characters (e.g. !@#$%^&*)',
    test: /[\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/,
  },
}

/**
 * The first problem of a password, or undefined. Checked in this order: the connection's rules, the list of common
 * passwords, the owner's data. The password is not trimmed, case-folded or truncated (ASVS 6.2.8).
 */
export async function findPasswordProblem(
  password: string,
  options: PasswordPolicyOptions,
  owner: PasswordOwner,
): Promise<PasswordProblem | undefined> {
  const rules = passwordRules(options, password)
  if (!rules.every(({ verified }) => verified))
    return {
      name: 'PasswordStrengthError',
      message: 'Password is too weak',
      rules,
      policy: policyText(rules),
    }
  if (await isCommon(password, options))
    return { name: 'PasswordDictionaryError', message: 'Password is too common' }
  if (containsOwnerData(password, owner, options.password_no_personal_info?.enable === true))
    return { name: 'PasswordNoUserInfoError', message: 'Password contains user information' }
  return undefined
}

/** The rules of a connection, each with whether the password meets it. */
export function passwordRules(options: PasswordPolicyOptions, password = ''): PasswordRule[] {
  const policy = options.passwordPolicy ?? 'none'
  const minimum = options.password_complexity_options?.min_length ?? (policy === 'excellent' ? 10 : minLength)
  const rules: PasswordRule[] = [
    {
      message: 'At least %d characters in length',
      code: 'lengthAtLeast',
      format: [minimum],
      // Code points: most emoji are one character.
      verified: Array.from(password).length >= minimum,
    },
  ]
  if (policy === 'fair') {
    const items = characterItems(password, ['lowerCase', 'upperCase', 'numbers'])
    const verified = items.every((item) => item.verified)
    rules.push({ message: 'Should contain:', code: 'shouldContain', items, verified })
  }
  if (policy === 'good' || policy === 'excellent') {
    const items = characterItems(password, ['lowerCase', 'upperCase', 'numbers', 'specialCharacters'])
    rules.push({
      message: 'Contain at least %d of the following %d types of characters:',
      code: 'containsAtLeast',
      format: [3, 4],
      items,
      verified: items.filter((item) => item.verified).length >= 3,
    })
  }
  if (policy === 'excellent')
    rules.push({
      message: 'No more than %d identical characters in a row (e.g., "%s" not allowed)',
      code: 'identicalChars',
      format: [2, 'aaa'],
      verified: !/(.)\1\1/su.test(password),
    })
  if (Buffer.byteLength(password) > passwordByteLimit || !password.isWellFormed())
    rules.push({
      message: 'Maximum password length exceeded',
      code: 'maxLength',
      format: [passwordByteLimit],
      verified: false,
    })
  return rules
}

/** The message of a rule with its placeholders replaced. */
export function ruleText({ message, format = [] }: Pick<PasswordRule, 'message' | 'format'>): string {
  const values = format.values()
  return message.replace(/%[ds]/g, (placeholder) => String(values.next().value ?? placeholder))
}

function policyText(rules: PasswordRule[]): string {
  return rules
    .flatMap((rule) => [`* ${ruleText(rule)}`, ...(rule.items ?? []).map((item) => `  * ${item.message}`)])
    .join('\n')
}

function characterItems(password: string, codes: Array<keyof typeof characterClasses>) {
  return codes.map((code) => ({
    message: characterClasses[code].message,
    code,
    verified: characterClasses[code].test.test(password),
  }))
}

let commonPasswords: Promise<Set<string>> | undefined

/** Loaded when the first password is set: 15 MB that sign-in does not need. */
async function loadCommonPasswords(): Promise<Set<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}

async function isCommon(
  password: string,
  { password_dictionary: own }: PasswordPolicyOptions,
): Promise<boolean> {
  commonPasswords ??= loadCommonPasswords()
  const lowered = password.toLowerCase()
  if ((await commonPasswords).has(lowered)) return true
  return own?.enable === true && (own.dictionary ?? []).some((word) => word.toLowerCase() === lowered)
}

/** The address and its local part are always refused, parts of the profile only if the connection's options say so. */
function containsOwnerData(password: string, owner: PasswordOwner, strict: boolean): boolean {
  const lowered = password.toLowerCase()
  const email = owner.email.toLowerCase()
  const localPart = email.split('@', 1)[0] ?? email
  if (lowered === email || lowered === localPart) return true
  if (!strict) return false
  const names = [localPart, owner.username, owner.nickname, ...(owner.name?.split(/\s+/) ?? [])]
  return names.some((name) => name !== undefined && name.length > 2 && lowered.includes(name.toLowerCase()))
}
