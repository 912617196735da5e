import { common } from '../shared/text.ts'

export const shell = {
  navigation: 'Main',
  overview: 'Overview',
  find: 'Find',
  getStarted: 'Get started',
  apis: 'APIs',
  roles: 'Roles',
  users: 'Users',
  applications: 'Applications',
  access: 'Access',
  logs: 'Logs',
  settings: 'Settings',
  colorScheme: 'Colour scheme',
  light: 'Light',
  dark: 'Dark',
  auto: 'As the system',
  account: 'Account',
  logOut: 'Log Out',
  noAccessTitle: 'This account may not use the dashboard',
  noAccessBody: (name: string) =>
    `You are logged in as ${name}, who holds no permission of the Management API. An owner can assign a role that has some.`,
  otherAccount: 'Log in as someone else',
  logInFailed: 'The login did not succeed',
  logInAgain: 'Log In',
  startFailed: 'The dashboard cannot start',
}

export const palette = {
  label: 'Find objects, pages and actions',
  placeholder: 'Find a user, role, API, application, page or action',
  results: 'Results',
  pages: 'Pages',
  actions: 'Actions',
  createUser: 'Create user',
  importUsers: 'Import users',
  createRole: 'Create role',
  createApi: 'Create API',
  createApplication: 'Create application',
  count: (n: number) => common.count(n, 'result', 'results'),
}
