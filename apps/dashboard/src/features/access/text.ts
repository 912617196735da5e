import { common, number } from '../../shared/text.ts'

export const access = {
  title: 'Access',
  subtitle: 'Who may do what, at a glance.',
  tabs: { label: 'Views', grid: 'Grid', picture: 'Picture', review: 'Review' },
  api: 'API',
  moreHolders: 'and more users',
  gridLabel: (api: string) => `Permissions of ${api} by role`,
  gridHint:
    'Arrow keys move, Space gives or takes away. Home and End go to the ends of a row, with Ctrl to the corners.',
  filterPermissions: 'Filter permissions',
  filterRoles: 'Filter roles',
  permission: 'Permission',
  cell: (permission: string, role: string) => `${permission}, ${role}`,
  given: (permission: string, role: string) => `${role} holds ${permission} now.`,
  takeTitle: (permission: string, role: string) => `Take ${permission} away from ${role}?`,
  take: 'Take away',
  taken: (permission: string, role: string) => `${role} no longer holds ${permission}.`,
  noRoles: 'No roles yet',
  toRoles: 'Go to roles',
  missing: {
    permissions: {
      icon: 'key',
      title: 'This API declares no permissions yet',
      body: 'Add some to the API first.',
      action: 'Go to the API',
    },
    roles: {
      icon: 'role',
      title: 'No roles yet',
      body: 'Create a role first. Then tick here what it may do.',
      action: 'Go to roles',
    },
  } as const,
  noApi: 'No API yet',
  toApis: 'Go to APIs',
  roles: 'Roles',
  permissions: 'Permissions',
  of: 'Of',
  ofSubject: { user: 'A user', role: 'A role', permission: 'A permission' },
  searchPicture: 'Search roles and permissions',
  chooseRole: 'Role',
  choosePermission: 'Permission',
  columns: { users: 'Users', roles: 'Roles', permissions: 'Permissions by API' },
  direct: 'Directly',
  more: (n: number) => `and ${common.count(n, 'other', 'others')}`,
  directly: (n: number) => `${common.count(n, 'user', 'users')} directly`,
  userSummary: (email: string, roles: number, permissions: number) =>
    `${email} holds ${common.count(roles, 'role', 'roles')} and through them ${common.count(permissions, 'permission', 'permissions')}.`,
  roleSummary: (role: string, permissions: number, users: number) =>
    `${role} holds ${common.count(permissions, 'permission', 'permissions')} and has ${common.count(users, 'user', 'users')}.`,
  permissionSummary: (permission: string, roles: number) =>
    `${permission} is held by ${common.count(roles, 'role', 'roles')}.`,
  nothing: 'Nothing: no role and no permission.',
  nobody: 'No role holds it.',
  asText: 'As text',
  through: 'through',
}

export const review = {
  title: 'Who holds which permission',
  export: 'Export as CSV',
  print: 'Print',
  printed: (api: string, at: Date) =>
    `Access review of ${api}, ${at.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' })}`,
  filter: 'Filter by permission, holder or role',
  tooMany: (n: number) => `${number(n)} rows are too many to print. Filter them, or export them.`,
  none: 'No user and no application holds a permission of this API.',
  holder: 'Holder',
  kind: 'Kind',
  kinds: { user: 'User', application: 'Application' },
  through: 'Through',
  grant: 'Client grant',
}
