import { common } from '../../shared/text.ts'

export const roles = {
  title: 'Roles',
  subtitle: 'A role is a set of permissions with a name. Users hold roles, and through them permissions.',
  create: 'Create role',
  createTitle: 'New role',
  search: 'Search by name or ID',
  emptyTitle: 'No role yet',
  emptyBody: 'Create one, add permissions of your APIs to it, and assign it to users.',
  created: (name: string) => `${name} is created.`,
  taken: 'Another role has this name. Choose a different one.',
  systemNote:
    'Kept by the system: it always holds every permission of the Management API. It can be assigned, not changed.',
  picture: 'Show as a picture',
  duplicate: 'Duplicate',
  copyTitle: (name: string) => `Duplicate ${name}`,
  copies: (n: number) =>
    `The new role holds the same ${common.count(n, 'permission', 'permissions')}. It has no users.`,
  tabs: { label: 'Parts of the role', settings: 'Settings', permissions: 'Permissions', users: 'Users' },
  details: 'Details',
  id: 'ID',
  danger: 'Delete this role',
  dangerHint: 'Its users lose it at once.',
  delete: 'Delete role',
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleted: (name: string) => `${name} is deleted.`,
}

export const rolePermissions = {
  title: 'Permissions',
  hint: 'What holders of this role may do, API by API.',
  add: 'Add permissions',
  addTitle: (name: string) => `Add permissions to ${name}`,
  api: 'API',
  none: 'No permissions yet',
  noneBody: 'A role without permissions allows nothing. Pick an API and tick what this role may do there.',
  remove: (permission: string) => `Remove ${permission}`,
  removeTitle: (permission: string) => `Remove ${permission} from this role?`,
  added: (n: number) => `${common.count(n, 'permission is', 'permissions are')} added.`,
  removed: (permission: string) => `${permission} is removed.`,
  filter: 'Filter permissions',
}

export const roleUsers = {
  title: 'Users with this role',
  hint: 'They hold it directly, and with it all its permissions.',
  add: 'Add users',
  addTitle: (name: string) => `Assign ${name} to users`,
  none: 'No user holds this role',
  noneBody: 'Assign it to the users who should be able to do what it allows.',
  remove: (email: string) => `Take the role away from ${email}`,
  removeTitle: (role: string, email: string) => `Take ${role} away from ${email}?`,
  take: 'Take away',
  removed: (email: string) => `${email} no longer holds the role.`,
  search: 'Search by name, email, user name or ID',
  addN: (n: number) => (n === 0 ? 'Assign' : `Assign to ${common.count(n, 'user', 'users')}`),
  added: (n: number) => `${common.count(n, 'user holds', 'users hold')} the role now.`,
  noUsers: 'No user matches.',
}
