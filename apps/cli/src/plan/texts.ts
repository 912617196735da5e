import { takesFromTokens } from '@rolecall/contract'
import { safe } from '../terminal.ts'
import type { Difference, ObjectType } from './comparison.ts'
import type { PlanFile } from './plan-file.ts'

export const typeNames: Record<ObjectType, string> = {
  api: 'API',
  role: 'role',
  client: 'application',
  client_grant: 'grant',
  connection: 'connection',
  tenant: 'settings',
}

export const signs: Record<Difference['change'], string> = { create: '+', update: '~', delete: '-' }

const maxValueLength = 80

/** A value of a member, in one line. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const text = safe(JSON.stringify(value))
  return text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text
}

export function peopleText({ users, applications }: { users: number; applications: number }): string {
  const parts = [plural(users, 'user'), plural(applications, 'application')]
  return parts.filter((_part, index) => [users, applications][index] !== 0).join(', ') || 'nobody'
}

export const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** What the plan does, in one line. */
export function summaryText({ differences, effect, applies }: PlanFile): string {
  if (differences.length === 0) return 'Nothing would change.'
  const count = (change: Difference['change']) => differences.filter((one) => one.change === change).length
  const losing = effect && effect.users.losing + effect.applications.losing > 0
  const restricted = effect?.settings.filter(takesFromTokens) ?? []
  return [
    `${count('create')} to create, ${count('update')} to change, ${count('delete')} to delete.`,
    effect
      ? losing
        ? `${peopleText({ users: effect.users.losing, applications: effect.applications.losing })} would lose a permission.`
        : restricted.length > 0
          ? ''
          : 'Nobody would lose a permission.'
      : 'Who would lose a permission is not known: this server has no previews.',
    restricted.length === 0
      ? ''
      : `Tokens for ${restricted.map(({ api }) => safe(api)).join(', ')} would be restricted.`,
    applies === 'once' ? '' : 'It is applied step by step, because this server has no lists of changes.',
  ]
    .filter((text) => text !== '')
    .join(' ')
}

/** What changes for every token of an API. */
export const settingTexts = ({ effect }: PlanFile): string[] => (effect?.settings ?? []).flatMap(textsOf)

type Setting = NonNullable<PlanFile['effect']>['settings'][number]

function textsOf({ api, users, enforce_policies: rbac, permissions_claim: claim, ...policies }: Setting) {
  const name = safe(api)
  const holders = plural(users, 'user')
  return [
    rbac.after &&
      !rbac.before &&
      `RBAC is on for ${name}: only the ${holders} who hold a permission have it in a token.`,
    rbac.before &&
      !rbac.after &&
      `RBAC is off for ${name}: a token contains any scope that an application requests.`,
    claim.after !== claim.before && `Tokens for ${name} ${claim.after ? '' : 'no longer '}list permissions.`,
    policyText('on behalf of users', name, policies.user_policy),
    policyText('for themselves', name, policies.client_policy),
  ].filter((text) => text !== false)
}

const policyTexts: Record<string, string> = {
  allow_all: 'every application',
  require_client_grant: 'applications with a grant',
  deny_all: 'no application',
}

function policyText(whose: string, api: string, { before, after }: { before: string; after: string }) {
  const [was, is] = [policyTexts[before] ?? before, policyTexts[after] ?? after]
  return before !== after && `Who gets tokens for ${api} ${whose}: ${was} → ${is}.`
}

/** The tokens that were issued before keep what they carry. */
export function tokenTexts({ effect }: PlanFile): string[] {
  return (effect?.tokens ?? [])
    .filter(({ subjects }) => subjects > 0)
    .map(
      ({ api, subjects, lifetime }) =>
        `${plural(subjects, 'subject')} may have a token for ${safe(api)} that stays as it is for up to ${plural(Math.ceil(lifetime / 60), 'minute')}.`,
    )
}
