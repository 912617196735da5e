import { common } from '../../shared/text.ts'

export const connections = {
  title: 'Connections',
  subtitle: 'Where users log in: with a password that is kept here, or at another provider.',
  create: 'Create connection',
  createTitle: 'New connection',
  search: 'Search by name or ID',
  emptyTitle: 'No connection yet',
  emptyBody: 'Create one, so that users log in with an account of another provider.',
  created: (name: string) => `${name} is created. Enable it for applications next.`,
  taken: 'Another connection has this name. Choose a different one.',
  type: 'Type',
  strategies: { auth0: 'Database of users', oidc: 'OpenID Connect', github: 'GitHub' },
  applications: 'Applications',
  provider: 'Provider',
  tabs: {
    label: 'Parts of the connection',
    settings: 'Settings',
    applications: 'Applications',
    roles: 'Roles',
  },
  id: 'ID',
  database: 'A database of users. Its rules for passwords and sign-ups are in the settings of the tenant.',
  danger: 'Delete this connection',
  dangerHint:
    'Users of other connections lose the account that they have linked, and the roles that it gives. They are logged out, and can log in again without it.',
  delete: 'Delete connection',
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteBody: 'Accounts that users have linked to theirs are gone, with the roles that only they give.',
  deleted: (name: string) => `${name} is deleted.`,
  hasUsers: (n: number) =>
    `${common.count(n, 'user logs', 'users log')} in with it alone, and would lose access for good. Delete them first: the list of users can show this connection.`,
}

export const newConnection = {
  preset: 'Provider',
  presets: {
    oidc: 'OpenID Connect',
    github: 'GitHub',
    google: 'Google',
    microsoft: 'Microsoft',
  },
  presetHints: {
    oidc: 'Any provider with OpenID Connect, such as Keycloak or another Rolecall',
    github: 'OAuth, because GitHub has no OpenID Connect for log-ins',
    google: 'Accounts of Google and Google Workspace',
    microsoft: 'Accounts of one Entra ID tenant',
  },
  name: 'Name of the connection',
  nameHint: 'Part of the IDs of its users, and of the parameter connection. It cannot be changed.',
  nameInvalid: 'Letters, digits and hyphens, with no hyphen at the beginning or end.',
  register:
    'Register an application at the provider with this address to return to. It ends with the name of the connection.',
  registerAt: 'Where to register',
  callback: 'Callback URL',
}

export const connectionSettings = {
  register: 'At the provider',
  registerHint: 'What the application that is registered there has to know.',
  callback: 'Callback URL',
  keys: 'Public keys (JWKS)',
  keysHint: 'for private_key_jwt',
  title: 'Provider',
  hint: 'The endpoints are read from the metadata of the provider when somebody logs in.',
  hintGitHub: 'Profile and addresses are read from GitHub when somebody logs in.',
  issuer: 'Issuer, or address of the metadata',
  issuerHint:
    'Such as https://id.example.com, or an address that ends with /.well-known/openid-configuration',
  braces: 'Replace the part in braces.',
  https: 'Enter an address that begins with https://.',
  clientId: 'Client ID',
  clientSecret: 'Client secret',
  stored: 'Stored, and not shown. What you type replaces it.',
  notStored: 'Not stored yet. Log-ins fail until it is.',
  notNeeded: 'Not needed for this method.',
  loses:
    'The stored secret belongs to the previous provider and client ID, and is dropped. Type the one of the new application.',
  scope: 'Scopes',
  scopeHint: 'Separated by spaces, with openid. A claim such as groups often needs a scope of its own.',
  method: 'Authentication at the token endpoint',
  methods: {
    client_secret_post: 'Secret in the body (client_secret_post)',
    client_secret_basic: 'Secret in the header (client_secret_basic)',
    private_key_jwt: 'Signed with the key of this server (private_key_jwt)',
    none: 'None: a public client',
  },
  pkce: 'PKCE with S256',
  pkceHint: 'Turn it off only for a provider that refuses it.',
  look: 'On the log-in page',
  displayName: 'Display name',
  displayNameHint: 'On the button, after “Continue with”',
  showAsButton: 'Show a button',
  showAsButtonHint: 'Without one, an application names the connection in its request.',
  users: 'Users',
  profile: 'Take name and address from the provider',
  profiles: {
    on_each_login: 'At each log-in',
    on_first_login: 'At the first log-in, then they are changed here',
    never_on_login: 'Never',
  },
  trust: 'Trust its verified addresses',
  trustHint:
    'An address counts as verified when the provider says so. Only for a provider that sends a mail to each address before: with one that does not, anyone could claim the address of somebody else.',
  check: 'Read the metadata',
  checkHint: 'With the settings that are saved.',
  checkOk: (issuer: string) => `The settings fit the metadata of ${issuer}.`,
}

export const enabledApplications = {
  title: 'Applications',
  hint: 'Users can log in with this connection at the applications that are ticked. A new application is not. With Rolecall Account, users can connect accounts of this provider to theirs.',
  field: 'Applications',
  none: 'No application yet',
  system: 'Kept by the system',
}

export const roleMapping = {
  title: 'Roles from the provider',
  hint: 'A claim of the provider gives roles. They are decided again at each log-in. A role that you take out of this list is taken from everybody at once.',
  may: 'You can map the roles that you may assign. Who maps a role lets the provider assign it: with a role that manages this server, the provider decides who manages it.',
  claim: 'Claim',
  claimHint: 'A text or a list of texts, such as groups. GitHub: organizations',
  value: 'Value in the claim',
  role: 'Role',
  chooseRole: 'Choose a role',
  rows: 'Values and roles',
  add: 'Add a value',
  remove: (n: number) => `Remove row ${n}`,
  none: 'No value gives a role yet.',
  incomplete: 'Each row needs a value and a role.',
  twice: 'Two rows are the same.',
  takeTitle: 'Take roles away?',
  takeBody: (roles: readonly string[]) =>
    `${common.some(roles)}: users who hold it only by this connection lose it at once.`,
  takeAction: 'Save and take away',
}
