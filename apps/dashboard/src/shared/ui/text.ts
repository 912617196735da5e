import { common } from '../text.ts'

export const picker = {
  filter: 'Filter by name or description',
  select: 'Select:',
  all: 'All',
  none: 'None',
  selected: (n: number, all: number) => `${n} of ${all} selected`,
  empty: 'This API declares no permissions yet.',
}

export const impact = {
  checking: 'Counting who would lose it …',
  nobody: 'Nobody holds it at present.',
  unknown: 'Who holds it could not be counted.',
  users: (n: number) => common.count(n, 'user loses it', 'users lose it'),
  usersSome: (n: number) => common.count(n, 'user loses permissions', 'users lose permissions'),
  roles: (n: number) => common.count(n, 'role', 'roles'),
  direct: (n: number) => common.count(n, 'direct assignment', 'direct assignments'),
  applications: (n: number) => common.count(n, 'application', 'applications'),
  through: (parts: string) => `It is removed from ${parts}.`,
  tokens: 'Tokens already issued keep it until they expire.',
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
