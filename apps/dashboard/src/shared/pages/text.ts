import { common } from '../text.ts'

export const permissionTable = {
  filter: 'Filter permissions',
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
