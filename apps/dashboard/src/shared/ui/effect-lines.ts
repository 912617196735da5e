import type { PreviewAnswer } from '@rolecall/contract'
import { effect as text } from './text.ts'

type Effects = PreviewAnswer['lost']
type SubjectType = keyof typeof text.policies

/** The summary of a preview in one sentence. */
export function summaryOf({ users, applications, gained, lost, complete }: PreviewAnswer): string {
  const losing = text.subjects(users.losing, applications.losing)
  const gaining = text.subjects(users.gaining, applications.gaining)
  const parts = [
    ...(lost.length > 0 ? [text.losing(losing, users.losing + applications.losing)] : []),
    ...(gained.length > 0 ? [text.gaining(gaining, users.gaining + applications.gaining)] : []),
  ]
  if (parts.length === 0) return complete ? text.none : text.noneSoFar
  const sentence = `${parts.join(text.and)}.`
  return complete ? sentence : `${text.atLeast} ${sentence}`
}

/** The permissions that most lose first. */
export function mostFirst(effects: Effects): Effects {
  return effects.toSorted(
    (one, other) =>
      other.users + other.applications - (one.users + one.applications) ||
      `${one.api} ${one.permission}`.localeCompare(`${other.api} ${other.permission}`),
  )
}

/** What changes for every token of an API. */
export const settingsOf = ({ settings }: PreviewAnswer): string[] =>
  settings.flatMap(({ api, enforce_policies: rbac, permissions_claim: claim, users, ...policies }) => [
    ...(rbac.before && !rbac.after ? [text.rbacOff(api, users)] : []),
    ...(!rbac.before && rbac.after ? [text.rbacOn(api, users)] : []),
    ...(claim.before && !claim.after ? [text.claimOff(api)] : []),
    ...policyLine(api, 'user', policies.user_policy),
    ...policyLine(api, 'client', policies.client_policy),
  ])

const policyLine = (api: string, type: SubjectType, { before, after }: { before: string; after: string }) =>
  before === after || !isPolicy(after) ? [] : [text.policies[type][after](api)]

const isPolicy = (name: string): name is keyof typeof text.policies.user => name in text.policies.user

/** The tokens that were issued before the change. */
export const tokensOf = ({ tokens }: PreviewAnswer): string[] =>
  tokens
    .filter(({ subjects }) => subjects > 0)
    .map(({ api, lifetime, subjects }) => text.tokens(api, subjects, lifetime))
