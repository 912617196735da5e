import { relative } from 'node:path'
import type { Addresses } from './addresses.ts'
import type { Credentials, Login } from './credentials.ts'

interface Running {
  at: Addresses
  credentials: Credentials | undefined
  setUpLink: string | undefined
  dir: string
  /** What --https asks of the person. */
  https: string[]
}

/** What a person who just typed `npm start` wants to know: what runs where, who can log in, what to try. */
export function summary({ at, credentials, setUpLink, dir, https }: Running): string {
  const fromHere = relative(process.cwd(), dir)
  return [
    'Rolecall is running. Ctrl-C stops it.',
    '',
    `  Client                ${at.client}`,
    `  Dashboard             ${at.dashboard}`,
    `  Authorization server  ${at.issuer}`,
    `  Hello World API       ${at.api}`,
    '',
    ...(credentials ? tutorial(at, credentials) : byHand(at, setUpLink)),
    '',
    ...https,
    `Data, passwords and logs are in ${fromHere.startsWith('..') ? dir : fromHere}; \`npm start -- --help\` lists the options.`,
  ].join('\n')
}

function tutorial({ client, dashboard }: Addresses, { users }: Credentials): string[] {
  return [
    'Who can log in (the passwords were generated for this folder):',
    '',
    row(users.member, 'has no role'),
    row(users.admin, 'has the role messages-admin'),
    row(users.owner, 'may use the dashboard'),
    '',
    'What to try next:',
    '',
    `  1. Open ${client}, log in as ${users.member.email} and choose Admin: permission denied.`,
    `  2. Log out, log in as ${users.admin.email} and choose Admin: the message is there.`,
    `  3. Open ${dashboard} as ${users.owner.email}, give the role to the member, and try 1 again.`,
  ]
}

function row({ email, password }: Login, may: string): string {
  return `  ${email.padEnd(20)}  ${password}  ${may}`
}

function byHand({ client, dashboard }: Addresses, setUpLink: string | undefined): string[] {
  const first = setUpLink
    ? ['  1. Become the owner of this system, within a day, with this link:', `     ${setUpLink}`]
    : [`  1. Open ${dashboard} and log in as its owner.`]
  return [
    "The tutorial's objects were left out. What to try next:",
    '',
    ...first,
    '  2. Create the API, its permission, a role, two users and the application of the client in the dashboard.',
    `  3. Open ${client}: the client runs as soon as an application has its callback URL.`,
  ]
}
