export const settings = {
  title: 'Settings',
  subtitle: 'What holds for everything on this server.',
  tabs: {
    label: 'Parts of the settings',
    tenant: 'Tenant',
    sessions: 'Sessions',
    logIn: 'Login and limits',
    mail: 'Mail',
    keys: 'Signing keys',
  },
}

export const tenant = {
  title: 'Tenant',
  hint: 'How this server presents itself on its login pages and in its mail.',
  name: 'Friendly name',
  supportEmail: 'Support email',
  supportUrl: 'Support URL',
  advanced: 'Defaults',
  audience: 'Default audience',
  audienceHint: 'Used when an application asks for no API.',
  logout: 'Allowed logout URLs',
  logoutHint: 'One a line, for logouts that name no application.',
  domain: 'Domain',
  issuer: 'Issuer',
  discovery: 'Discovery document',
  reference: 'Management API reference',
}

export const sessions = {
  title: 'Sessions',
  hint: 'How long a browser stays logged in here. Applications have sessions of their own.',
  lifetime: 'Log in again after (hours)',
  lifetimeHint: 'At the latest, also for an active user.',
  idle: 'Log out when idle for (hours)',
  idleHint: 'No longer than the time above.',
  persistent: 'Keep the session when the browser is closed',
  number: 'Hours, from 0.1 to 2,400.',
  order: 'No longer than the time above.',
}

export const logIn = {
  title: 'Login',
  hint: 'Of the database of users that every application logs in with.',
  signUp: 'Anybody may sign up',
  signUpHint: 'Off: accounts are created here alone.',
  policy: 'Passwords',
  policyHint: 'Common passwords are always refused.',
  brute: 'Pause logins after repeated wrong passwords',
  bruteHint: 'By account and address. On, unless you have a reason.',
  limits: 'Limits',
  limitsHint: 'Fixed by the server.',
  facts: {
    'Management API': '1,000 requests a second from one network',
    'Items on a page': '100',
    'Permissions of an API': '5,000',
    'Size of a request': '1 MB',
    Password: '512 characters',
  } as Record<string, string>,
}

export const mail = {
  title: 'Outbox',
  hint: 'Every mail as it was composed. Without a mail server (SMTP_URL), mails are kept here instead of sent.',
  none: 'No mail yet',
  noneBody: 'Verification and password mails appear here.',
  to: 'To',
  subject: 'Subject',
  when: 'When',
  status: 'Status',
  statuses: { kept: 'Kept here', waiting: 'Waiting', sent: 'Sent', failed: 'Failed' },
  open: (subject: string) => `Open “${subject}”`,
  hidden: 'The text is shown to owners only, and removed once the mail was sent: it holds a one-time link.',
}

export const keys = {
  title: 'Signing keys',
  hint: 'What access tokens are signed with. The next key is published before it signs, so nothing breaks when it takes over.',
  none: 'No key yet',
  kid: 'Key ID',
  alg: 'Algorithm',
  state: 'State',
  since: 'Since',
  states: { current: 'Signs', next: 'Next', previous: 'Still verifies', revoked: 'Revoked' },
  rotate: 'Rotate',
  rotateTitle: 'Sign with the next key from now on?',
  rotateBody: 'Tokens signed with the present key stay valid: it goes on verifying until you revoke it.',
  rotated: 'The next key signs from now on.',
  revoke: 'Revoke',
  revokeOne: (kid: string) => `Revoke ${kid}`,
  revokeTitle: 'Revoke this key?',
  revokeBody:
    'Every token that it signed is refused as soon as APIs fetch the keys again. People have to log in again.',
  revoked: 'The key is revoked.',
}
