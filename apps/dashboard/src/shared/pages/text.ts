import { common } from '../text.ts'

export const permissionTable = {
  filter: 'Filter permissions',
}

export const addPermissions = {
  api: 'API',
  noApis: 'There is no API with permissions yet.',
  createApi: 'Register an API',
  allHeld: 'This role already holds every permission of this API.',
  addN: (n: number) => (n === 0 ? 'Add permissions' : `Add ${common.count(n, 'permission', 'permissions')}`),
}
