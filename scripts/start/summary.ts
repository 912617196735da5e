import type { Addresses } from './addresses.ts'
import type { Credentials, Login } from './credentials.ts'

/** What a person who just typed `npm start` wants to know: what runs where, who can log in, what to try. */
export function summary(addresses: Addresses, credentials: Credentials | undefined, folder: string): string {
  const { client, issuer, api, dashboard } = addresses
  const running = [
    'Rolecall is running. Ctrl-C stops it.',
    '',
    `  Client                ${client}`,
    `  Dashboard             ${dashboard}`,
    `  Authorization server  ${issuer}`,
    `  Hello World API       ${api}`,
    '',
  ]
  const kept = ['', `Data, passwords and logs are in ${folder}; \`npm start -- --help\` lists the options.`]
  return [
    ...running,
    ...(credentials ? tutorial(client, dashboard, credentials) : byHand(dashboard)),
    ...kept,
  ].join('\n')
}

function tutorial(client: string, dashboard: string, { users }: Credentials): string[] {
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

function byHand(dashboard: string): string[] {
  return [
    "The tutorial's objects were left out. What to try next:",
    '',
    `  1. Open ${dashboard} and create the API, its permission, a role and an application.`,
    "  2. Write the application's client ID to samples/spa-react/.env as VITE_AUTH0_CLIENT_ID, and start again.",
  ]
}
