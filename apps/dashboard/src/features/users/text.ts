import { oldDays, recentDays } from '../../shared/management/user-filters.ts'
import { common, number } from '../../shared/text.ts'

export const users = {
  title: 'Users',
  subtitle: 'Who can log in. What they may do comes from their roles.',
  create: 'Create user',
  createTitle: 'New user',
  search: 'Search by name, email, user name or ID',
  email: 'Email',
  verified: 'Email is verified',
  verifiedHint: 'Off sends nothing; they can be sent a link later.',
  emptyTitle: 'No user yet',
  emptyBody: 'Create one here, or let people sign up in your application.',
  roles: 'Roles',
  moreRoles: (n: number) => `and ${common.count(n, 'more', 'more')}`,
  import: 'Import users',
  lastLogin: 'Last log-in',
  logins: 'Log-ins',
  status: 'Status',
  blocked: 'Blocked',
  active: 'Active',
  unverified: 'Email not verified',
  paused: 'Logins paused',
  created: (email: string) => `${email} is created.`,
  taken: 'A user with this email exists already.',
  passwordHint: 'Tell it to them in person, or let them choose their own with “Forgot password”.',
  picture: 'Show as a picture',
  explain: 'Explain access',
  tabs: {
    label: 'Parts of the user',
    details: 'Details',
    roles: 'Roles',
    permissions: 'Permissions',
    sessions: 'Sessions',
    applications: 'Applications',
    logs: 'Logs',
  },
}

export const userFilters = {
  role: 'Role',
  anyRole: 'Any role',
  anyApi: 'Any permission',
  choosePermission: 'Choose a permission',
  connection: 'Connection',
  anyConnection: 'Any connection',
  status: 'Status',
  anyStatus: 'Any status',
  statuses: { active: 'Active', unverified: 'Email not verified', blocked: 'Blocked' },
  logIn: 'Last log-in',
  anyLogIn: 'Any last log-in',
  logIns: {
    recent: `In the last ${recentDays} days`,
    old: `Not in the last ${oldDays} days`,
    never: 'Never',
  },
  clear: 'Clear filters',
}

export const userImport = {
  title: 'Import users',
  subtitle: 'From a file with a JSON array of users, or with one JSON object in each line.',
  file: 'File',
  fileHint: 'At most 200 MB. It may be compressed with gzip.',
  connection: 'Connection',
  upsert: 'Update users that exist',
  upsertHint: 'Without this, a user whose email is taken is refused.',
  run: 'Import',
  noFile: 'Choose a file',
  chooseFile: 'Choose a file first.',
  progress: 'Progress of the import',
  states: { pending: 'Waiting', processing: 'Importing', completed: 'Completed', failed: 'Failed' },
  counts: (total: number, inserted: number, updated: number, failed: number) =>
    `${common.count(total, 'user', 'users')} in the file: ${number(inserted)} created, ${number(updated)} updated, ${number(failed)} refused.`,
  refused: 'Refused users',
  noUsers: 'The file has no users.',
  user: 'User',
  reason: 'Reason',
  more: (n: number) => `The first ${number(n)} are shown. The file has all of them.`,
  another: 'Import another file',
  latest: 'You have started an import already.',
  showLatest: 'Show its progress and report',
  guide: 'The format is that of Auth0, with password hashes.',
}

export const userDetails = {
  elsewhere: 'This user logs in at another provider. There is no password and no address to verify here.',
  profileElsewhere:
    'Comes from the provider. Unless the connection says otherwise, each log-in replaces name, picture and address.',
  profile: 'Profile',
  id: 'User ID',
  name: 'Name',
  nickname: 'Nickname',
  username: 'User name',
  emailHint: 'A new address is not verified: an email with a link goes to it.',
  since: 'Created',
  emailVerified: 'Email is verified',
  metadata: 'Metadata',
  metadataHint:
    'JSON objects kept with the user. Members are merged one by one when saved; null removes one.',
  userMetadata: 'User metadata',
  appMetadata: 'App metadata',
  notJson: 'That is not valid JSON.',
  notObject: 'It must be a JSON object, such as {"team": "blue"}.',
  account: 'Account',
  block: 'Block',
  unblock: 'Unblock',
  blockHint: 'A blocked user cannot log in and gets no new tokens. Their sessions end at once.',
  unblockHint: 'This user is blocked and cannot log in.',
  blockTitle: (email: string) => `Block ${email}?`,
  blocked: (email: string) => `${email} is blocked.`,
  unblocked: (email: string) => `${email} may log in again.`,
  paused: (networks: string) => `Log-ins from ${networks} are paused after too many wrong passwords.`,
  endPause: 'End the pause',
  pauseEnded: (email: string) => `${email} may log in again.`,
  verifyHint: 'Sends a link that proves the address belongs to them.',
  sendVerification: 'Send verification email',
  sent: 'The email is on its way.',
  kept: 'This server sends no email. It is in the outbox, under Settings.',
  resetHint: 'A link for choosing a new password, valid for five days and once. Hand it over safely.',
  reset: 'Make a password link',
  resetLink: 'Password link',
  danger: 'Delete this user',
  dangerHint: 'The account, its roles and its sessions are gone for good.',
  delete: 'Delete user',
  deleteTitle: (email: string) => `Delete ${email}?`,
  deleteBody: 'They can no longer log in. This cannot be undone.',
  deleted: (email: string) => `${email} is deleted.`,
  yourself: 'This is your own account.',
}

export const userLogs = {
  hint: 'What this user did: logins, refusals and changes to others. What was done to the user is under History.',
}

export const userIdentities = {
  title: 'Accounts',
  hint: 'What this user logs in with. Each user links other accounts on their own account page, after a log-in at both.',
  none: 'No account',
  connection: 'Connection',
  id: 'ID there',
  unlink: (connection: string) => `Unlink ${connection}`,
  unlinkTitle: (connection: string, email: string) => `Unlink the account of ${connection} from ${email}?`,
  unlinkBody:
    'The account becomes a user of its own. The roles that only it gives are taken away, and sessions end.',
  unlinkAction: 'Unlink',
  unlinked: (connection: string) => `The account of ${connection} is unlinked.`,
}

export const userRoles = {
  title: 'Roles',
  hint: 'What this user may do follows from these.',
  assign: 'Assign roles',
  assigned: 'Assigned',
  source: 'Given by',
  by: 'by',
  notRecorded: 'Not in the log',
  assignTitle: (email: string) => `Assign roles to ${email}`,
  none: 'No roles',
  noneBody: 'Without a role or a direct permission, this user’s tokens allow nothing.',
  remove: (name: string) => `Take ${name} away`,
  removeTitle: (name: string, email: string) => `Take ${name} away from ${email}?`,
  take: 'Take away',
  removed: (name: string) => `${name} is taken away.`,
  added: (n: number) => `${common.count(n, 'role is', 'roles are')} assigned.`,
  assignN: (n: number) => (n === 0 ? 'Assign' : `Assign ${common.count(n, 'role', 'roles')}`),
  search: 'Filter roles',
  noRoles: 'There is no other role to assign.',
  removeSome: (n: number) => `Remove ${common.count(n, 'role', 'roles')} from this user?`,
  removedSome: (n: number) => `${common.count(n, 'role is', 'roles are')} removed.`,
}

export const userPermissions = {
  title: 'Permissions',
  hint: 'Everything this user may do, and where it comes from.',
  assign: 'Assign permissions',
  assignTitle: (email: string) => `Assign permissions to ${email}`,
  none: 'No permissions',
  noneBody: 'Assign a role that has some, or one directly.',
  source: 'From',
  remove: (name: string) => `Take ${name} away`,
  removeTitle: (name: string, email: string) => `Take ${name} away from ${email}?`,
  take: 'Take away',
  removed: (name: string) => `${name} is taken away.`,
  added: (n: number) => `${common.count(n, 'permission is', 'permissions are')} assigned.`,
  stillHeld: (name: string) => `${name} is no longer direct, but still held through a role.`,
}

export const userFactors = {
  title: 'Second factors',
  hint: 'What this user is asked for after the password, and passkeys, which replace it. Users set them up themselves.',
  none: 'No second factor and no passkey.',
  name: 'Name',
  kind: 'Kind',
  kinds: {
    totp: 'Authenticator app',
    'webauthn-roaming': 'Security key',
    passkey: 'Passkey',
    'recovery-code': 'Recovery codes',
  },
  since: 'Since',
  used: 'Last used',
  remove: (name: string) => `Remove ${name}`,
  removeTitle: (name: string) => `Remove ${name} of this user?`,
  removeAction: 'Remove',
  ends: 'Their sessions end, and a mail tells them.',
  removed: (name: string) => `${name} was removed.`,
  reset: 'Remove all',
  resetTitle: (email: string) => `Remove every second factor of ${email}?`,
  resetBody:
    'Make sure that it is this person who asks. The next login needs the password alone, or sets up a new factor where one is required. Their sessions end, and a mail tells them.',
  wasReset: 'Every second factor was removed.',
}

export const userSessions = {
  title: 'Sessions',
  hint: 'Browsers in which this user is logged in here.',
  none: 'Not logged in anywhere.',
  device: 'Device',
  since: 'Since',
  until: 'Until',
  applications: 'Applications',
  end: (since: string) => `End the session of ${since}`,
  endOne: 'The session has ended.',
  endAll: 'End all sessions',
  endTitle: 'End all sessions of this user?',
  endBody: 'Every browser has to log in again. Access tokens already issued stay valid until they expire.',
  ended: 'All sessions have ended.',
}

export const userRefreshTokens = {
  title: 'Refresh tokens',
  hint: 'Applications that can renew their access without asking.',
  none: 'No application holds a refresh token.',
  application: 'Application',
  endAll: 'Revoke all refresh tokens',
  endTitle: 'Revoke all refresh tokens of this user?',
  endBody: 'Applications have to ask them to log in again as soon as their access token expires.',
  ended: 'All refresh tokens are revoked.',
}

export const userGrants = {
  title: 'Allowed applications',
  hint: 'What this user allowed applications of others on the consent page. First-party applications need no consent.',
  none: 'This user has allowed no application.',
  application: 'Application',
  api: 'API',
  noApi: 'None, profile only',
  scope: 'Scopes',
  remove: (application: string, api: string) => `Remove ${application}, ${api}`,
  removeTitle: (application: string) => `Remove what ${application} is allowed?`,
  removeBody:
    'All refresh tokens that it has for this user end, and it has to ask again. Access tokens already issued stay valid until they expire.',
  removed: (application: string) => `What ${application} was allowed is removed.`,
}

const countOf = (n: number) => common.count(n, 'user', 'users')

export const bulkUsers = {
  yourself: 'Your own account is one of them.',
  undone: (n: number) => `${common.count(n, 'user is', 'users are')} as before.`,
  assign: {
    button: 'Assign roles',
    title: (n: number) => `Assign roles to ${countOf(n)}`,
    action: (roles: number, n: number) =>
      roles === 0 ? 'Assign' : `Assign ${common.count(roles, 'role', 'roles')} to ${countOf(n)}`,
    done: (n: number) => `${common.count(n, 'user has', 'users have')} new roles.`,
  },
  remove: {
    button: 'Remove roles',
    title: (n: number) => `Remove roles from ${countOf(n)}`,
    action: (roles: number, n: number) =>
      roles === 0 ? 'Remove' : `Remove ${common.count(roles, 'role', 'roles')} from ${countOf(n)}`,
    done: (n: number) => `${common.count(n, 'user has', 'users have')} fewer roles.`,
  },
  block: {
    button: 'Block',
    title: (n: number) => `Block ${countOf(n)}?`,
    body: 'Blocked users cannot log in and get no new tokens. Their sessions end at once, and Undo does not bring them back.',
    done: (n: number) => `${common.count(n, 'user is', 'users are')} blocked.`,
  },
  unblock: {
    button: 'Unblock',
    title: (n: number) => `Unblock ${countOf(n)}?`,
    body: 'They can log in again.',
    done: (n: number) => `${common.count(n, 'user', 'users')} can log in again.`,
  },
  deleteSome: (n: number) => `Delete ${countOf(n)}?`,
  deleteSomeBody: 'The accounts, their roles and their sessions are deleted.',
  deletedSome: (n: number) => `${common.count(n, 'user is', 'users are')} deleted.`,
}
