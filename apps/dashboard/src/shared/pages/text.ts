import { common } from '../text.ts'

export const permissionTable = {
  filter: 'Filter permissions',
  questions: { who: 'Who has it?', why: 'Why?' },
  removeSome: (n: number) => `Remove ${common.count(n, 'permission', 'permissions')}?`,
  removedSome: (n: number) => `${common.count(n, 'permission is', 'permissions are')} removed.`,
}

export const permissionFields = { api: 'API' }

export const userField = {
  search: 'Search users',
  label: 'User',
  /** @param max as many as are offered */
  found: (n: number, max: number) =>
    n < max ? `${common.count(n, 'user', 'users')} found` : `${n} or more users found`,
}

export const addPermissions = {
  api: 'API',
  noApis: 'There is no API with permissions yet.',
  createApi: 'Register an API',
  apiOption: (name: string, identifier: string, picked: number) =>
    `${name} (${identifier})${picked > 0 ? `, ${picked} selected` : ''}`,
  allHeld: 'Every permission of this API is held already.',
  addN: (n: number) => (n === 0 ? 'Add permissions' : `Add ${common.count(n, 'permission', 'permissions')}`),
}

export const grants = {
  authorized: 'Authorized',
  permissions: 'Permissions',
  authorize: (name: string) => `Authorize ${name}`,
  edit: 'Edit permissions',
  editTitle: (application: string, api: string) => `What ${application} may request from ${api}`,
  ofAll: (n: number, all: number) => `${n} of ${all}`,
  revokeTitle: (application: string, api: string) => `Remove the access of ${application} to ${api}?`,
  narrowTitle: (application: string, api: string) => `Take permissions of ${api} away from ${application}?`,
  revokeBody: 'The application gets no more tokens for this API.',
  revoke: 'Remove access',
  granted: (application: string, api: string) => `${application} may call ${api}.`,
  revoked: (application: string, api: string) => `${application} may no longer call ${api}.`,
}
