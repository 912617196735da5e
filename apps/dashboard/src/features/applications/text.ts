import { applicationTypes } from '../../shared/management/application-types.ts'
import { common } from '../../shared/text.ts'

export const applications = {
  title: 'Applications',
  subtitle: 'Clients that people log in with, and services that call APIs.',
  create: 'Create application',
  createTitle: 'New application',
  type: 'Type',
  search: 'Search by name or client ID',
  emptyTitle: 'No application yet',
  emptyBody: 'Create one for the client that people will log in with.',
  clientId: 'Client ID',
  explain: 'Explain access',
  created: (name: string) => `${name} is created.`,
  url: 'Address of the application',
  urlHint: 'Its origin: callbacks, logout and CORS addresses are filled in from it.',
  invalidUrl: 'An origin such as http://localhost:4040.',
  types: {
    spa: 'Single-page application',
    regular_web: 'Regular web application',
    native: 'Native application',
    non_interactive: 'Machine to machine',
    other: 'Application',
  },
  typeHints: {
    spa: 'JavaScript in a browser. It keeps no secret.',
    regular_web: 'A web server that renders pages and keeps a secret.',
    native: 'On a phone or a desktop. It keeps no secret.',
    non_interactive: 'A service or a job that calls an API without a user.',
  },
  tabs: { label: 'Parts of the application', settings: 'Settings', apis: 'APIs', quickStart: 'Quick start' },
  unauthenticated: 'Without authentication',
  unauthenticatedNote:
    'This application lists Client credentials and does not authenticate, so it gets no token with that grant. Uncheck Client credentials, or give it a token_endpoint_auth_method other than none and rotate its secret.',
  systemNote: 'This dashboard’s own application. It is kept by the system and cannot be changed.',
  deleteSome: (n: number) => `Delete ${common.count(n, 'application', 'applications')}?`,
  deleteSomeBody: 'Users can no longer log in with them. Their grants and refresh tokens are deleted.',
  deletedSome: (n: number) => `${common.count(n, 'application is', 'applications are')} deleted.`,
}

export const typeName = ({ app_type }: { app_type?: string | undefined }): string =>
  applications.types[applicationTypes.find((type) => type === app_type) ?? 'other']

export const applicationSettings = {
  basics: 'Basics',
  description: 'Description',
  uris: 'Addresses',
  urisHint: 'One a line, compared exactly.',
  callbacks: 'Allowed callback URLs',
  callbacksHint: 'Where people may be sent back to after logging in.',
  logout: 'Allowed logout URLs',
  logoutHint: 'Where people may be sent to after logging out.',
  origins: 'Allowed web origins',
  originsHint: 'Where scripts that renew tokens may run.',
  tokens: 'Refresh tokens',
  rotation: 'Rotate refresh tokens',
  rotationHint: 'Each use gives a new one; using an old one again ends them all.',
  rotationFixed: 'Applications without a secret always rotate (RFC 9700 §2.2.2).',
  lifetime: 'Lifetime (seconds)',
  idle: 'Lifetime when unused (seconds)',
  grants: 'Grants',
  grantsHint: 'How it may ask for tokens.',
  grantsTitle: (name: string) => `Take grant types away from ${name}?`,
  grantsBody: (types: string[]) => `The application gets no more tokens with: ${types.join(', ')}.`,
  machineFixed: 'Only for applications that authenticate (RFC 6749 §4.4).',
  grantNames: {
    authorization_code: 'Authorization code',
    refresh_token: 'Refresh token',
    client_credentials: 'Client credentials',
    password: 'Password',
    implicit: 'Implicit (ID tokens only)',
  },
  number: 'A whole number of seconds, at least 1.',
  secret: 'Client secret',
  secretHint: 'Its value was shown once, when it was made.',
  secretOnce: 'Copy it now: it is not shown again.',
  danger: 'Delete this application',
  dangerHint: 'Users can no longer log in with it. Its grants and refresh tokens are deleted.',
  delete: 'Delete application',
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleted: (name: string) => `${name} is deleted.`,
}

const hour = 3_600
const day = 24 * hour

export const rotation = {
  day,
  rotate: 'Rotate secret',
  title: (name: string) => `Rotate the secret of ${name}`,
  kept: 'The old secret is accepted for',
  choices: [
    [0, 'No time: it stops at once'],
    [hour, '1 hour'],
    [day, '24 hours'],
    [7 * day, '7 days'],
    [30 * day, '30 days'],
  ] as const,
  keptHint: 'Both secrets work until then. You can end the old one earlier.',
  endsHint: 'The application fails until it has the new secret.',
  third: 'An earlier secret is still accepted. There are two at most: it ends now.',
  rotated: 'The application has a new secret.',
  secrets: 'Secrets that are accepted',
  secret: 'Secret',
  kinds: { current: 'Current', previous: 'Previous' },
  created: 'Made',
  used: 'Last used',
  ends: 'Accepted until',
  unknown: 'Unknown',
  doesNotEnd: 'The next rotation',
  none: 'There is no secret. Rotating makes one.',
  endNow: 'End now',
  endTitle: (name: string) => `End the previous secret of ${name}?`,
  endBody: 'Whatever still uses it fails.',
  inUse: (secret: 'current' | 'previous', time: string) =>
    `The ${secret} secret was used within the last 24 hours, last on ${time}. What uses it fails as soon as it ends.`,
  notInUse: 'It was not used within the last 24 hours.',
  ended: 'The previous secret is no longer accepted.',
}

export const quickStart = {
  title: 'Environment of the client',
  hint: 'What the client has to know. Choose the API that it calls.',
  api: 'API',
  apiUrl: 'Address of the API server',
  noApi: 'No API yet',
  file: '.env',
  download: 'Download .env',
  sample: 'With the sample',
}

export const applicationApis = {
  title: 'APIs that it calls without a user',
  hint: 'It requests a token with its own secret. What it may request is granted here.',
  usersOnly: 'It calls APIs for its users alone',
  usersOnlyBody:
    'Its tokens carry the permissions of the user. To call an API without a user, it needs the grant type “Client credentials”.',
}
