import { common, lasting } from '../text.ts'

export const picker = {
  filter: 'Filter by name or description',
  select: 'Select:',
  all: 'All',
  none: 'None',
  selected: (n: number, all: number) => `${n} of ${all} selected`,
  empty: 'This API declares no permissions yet.',
}

export const effect = {
  counting: 'Counting who loses what …',
  slow: 'The count takes long. You can go on without it.',
  failed: 'The effect could not be counted. You can go on without it.',
  notShown:
    'The effect is not shown. It needs the permission to read users, roles, APIs, applications and grants.',
  none: 'No user and no application loses a permission.',
  noneSoFar: 'No loss is found so far.',
  atLeast: 'At least',
  and: ', and ',
  losing: (subjects: string, n: number) => `${subjects} ${n === 1 ? 'loses' : 'lose'} permissions`,
  gaining: (subjects: string, n: number) => `${subjects} ${n === 1 ? 'gains' : 'gain'} permissions`,
  subjects: (users: number, applications: number) =>
    [
      ...(users > 0 || applications === 0 ? [common.count(users, 'user', 'users')] : []),
      ...(applications > 0 ? [common.count(applications, 'application', 'applications')] : []),
    ].join(' and '),
  countedSoFar: (n: number) =>
    `${common.count(n, 'user is', 'users are')} compared so far, and counting goes on. You do not have to wait.`,
  countedOnly: (n: number) =>
    `${common.count(n, 'user was', 'users were')} compared. The others could not be counted; you can go on.`,
  permissions: 'Permissions that change',
  gained: 'Gained by',
  names: 'Names',
  namesOf: (permission: string) => `Names for ${permission}`,
  namesFailed: 'The names could not be read.',
  more: 'More names',
  showAll: (n: number) => `Show all ${common.count(n, 'permission', 'permissions')}`,
  rbacOff: (api: string, users: number) =>
    `RBAC is off for ${api} afterwards: a token contains any scope that an application requests. ${common.count(users, 'user holds', 'users hold')} a permission of it now.`,
  rbacOn: (api: string, users: number) =>
    `RBAC is on for ${api} afterwards: only the ${common.count(users, 'user', 'users')} who hold a permission of it have it in a token.`,
  claimOff: (api: string) =>
    `Tokens for ${api} do not list permissions afterwards. An API that reads the claim refuses them.`,
  policies: {
    user: {
      allow_all: (api: string) => `Every application gets tokens for ${api} on behalf of users afterwards.`,
      require_client_grant: (api: string) =>
        `Only applications with a grant get tokens for ${api} on behalf of users afterwards.`,
      deny_all: (api: string) => `No application gets tokens for ${api} on behalf of users afterwards.`,
    },
    client: {
      allow_all: (api: string) => `Every application gets tokens for ${api} for itself afterwards.`,
      require_client_grant: (api: string) =>
        `Applications with a grant get tokens for ${api} for themselves afterwards.`,
      deny_all: (api: string) => `No application gets tokens for ${api} for itself afterwards.`,
    },
  },
  tokens: (api: string, subjects: number, lifetime: number) =>
    `${common.count(subjects, 'user or application has', 'users and applications have')} a token for ${api}, which is valid for ${lasting(lifetime)}. APIs with live authorization refuse it at once, others accept it until it expires.`,
}

export const sources = {
  direct: 'Direct',
  assigned: 'Assigned',
  from: 'From',
  decidedThere: 'The provider decides this at each log-in.',
}

export const clashes = {
  title: {
    users: 'Some users have the same address or user name in different spellings.',
    roles: 'Some roles have the same name in different spellings.',
  },
  body: 'Both work, and no new one can take the name. Rename or delete one of each pair.',
  and: 'and',
}

export const notFound = {
  title: 'There is no such page',
  body: 'The address may be mistyped, or what it showed has been deleted.',
  backToStart: 'Go to the start',
}

export const crash = {
  title: 'This page failed',
  body: 'The rest of the dashboard still works. Trying again often helps; what you typed is kept.',
}

export const undo = {
  done: 'Undone.',
  nothing: 'Nothing to undo: it was so before.',
  part: 'Undone in part.',
  notDone: 'Not undone.',
  left: common.leftSince,
}
