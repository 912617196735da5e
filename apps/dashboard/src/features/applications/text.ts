import { applicationTypes } from '../../shared/management/application-types.ts'

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
  grantsBody: (types: string[]) =>
    `The application gets no more tokens with: ${types.join(', ')}. Tokens already issued stay valid until they expire.`,
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
  secretHint: 'It was shown once. Rotating makes a new one; the old stops working at once.',
  rotate: 'Rotate secret',
  rotateTitle: (name: string) => `Rotate the secret of ${name}?`,
  rotateBody: 'The present secret stops working at once: the application fails until it has the new one.',
  rotated: 'The application has a new secret.',
  secretOnce: 'Copy it now: it is not shown again.',
  danger: 'Delete this application',
  dangerHint: 'Users can no longer log in with it. Its grants and refresh tokens are deleted.',
  delete: 'Delete application',
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleted: (name: string) => `${name} is deleted.`,
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
