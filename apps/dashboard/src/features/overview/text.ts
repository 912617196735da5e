import type { Attention } from '@rolecall/contract'
import { common, number } from '../../shared/text.ts'

export const overview = {
  title: 'Overview',
  subtitle: 'How the tenant is used, and what to look at.',
  getStarted: 'Get started',
  users: 'Users',
  active: 'Active within 30 days',
  logins: 'Log-ins within 30 days',
  refusals: 'Refusals within 30 days',
  chartTitle: 'By day, last 30 days (UTC)',
  series: { logins: 'Log-ins', refusals: 'Refusals', new_users: 'New users' },
  chartSummary: (logins: number, refusals: number, users: number) =>
    `${number(logins)} log-ins, ${number(refusals)} refusals and ${number(users)} new users`,
  attention: 'Needs attention',
  nothing: 'Nothing needs your attention.',
  latest: 'Latest changes',
  allLogs: 'All changes',
  andMore: common.andMore,
}

/** A count that ends at 100 is shown as such. */
const counted = (n: number, one: string, many: string) =>
  n < 100 ? common.count(n, one, many) : `${n} or more ${many}`

interface AttentionText {
  title: (count: number) => string
  body: string
}

export const attentionTexts: Record<Attention['kind'], AttentionText> = {
  unauthenticated_applications: {
    title: (n) => counted(n, 'application needs no authentication', 'applications need no authentication'),
    body: 'They run on a server and could keep a secret. Without one, a program that knows the client ID can request tokens.',
  },
  large_tokens: {
    title: (n) => counted(n, 'role makes tokens of more than 8 kB', 'roles make tokens of more than 8 kB'),
    body: 'Most servers refuse a request whose headers are larger. Split the API or the role.',
  },
  roles_without_members: {
    title: (n) => counted(n, 'role has no members', 'roles have no members'),
    body: 'Assign them or delete them.',
  },
  unused_permissions: {
    title: (n) => counted(n, 'permission is unused', 'permissions are unused'),
    body: 'No role, user or application holds them.',
  },
  clashing_users: {
    title: (n) => counted(n, 'user has a name that clashes', 'users have names that clash'),
    body: 'Two spellings of one name. Rename or delete one of each pair.',
  },
  clashing_roles: {
    title: (n) => counted(n, 'role has a name that clashes', 'roles have names that clash'),
    body: 'Two spellings of one name. Rename or delete one of each pair.',
  },
  unsent_mail: {
    title: (n) => counted(n, 'email was not sent', 'emails were not sent'),
    body: 'The mail server refused them or does not answer.',
  },
  old_signing_key: {
    title: () => 'The signing key is older than a year',
    body: 'Rotate it. Tokens of the previous key stay valid until they expire.',
  },
}
