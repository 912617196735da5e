import type { Found, FoundKind } from '../shared/management/found.ts'
import type { IconName } from '../shared/ui/icon.tsx'
import { navigation } from './navigation.ts'
import { palette, shell } from './text.ts'

/** An object, a page or an action. An action without a page has `run`. */
export interface Entry {
  id: string
  group: string
  name: string
  detail?: string
  icon: IconName
  to: string
  run?: () => void
}

const icons: Record<FoundKind, IconName> = {
  users: 'user',
  roles: 'role',
  apis: 'api',
  permissions: 'key',
  applications: 'application',
}

export const foundEntries = (found: readonly Found[]): Entry[] =>
  found.map(({ kind, id, name, detail, to }) => ({
    id: `${kind}-${id}`,
    group: shell[kind],
    name,
    detail,
    icon: icons[kind],
    to,
  }))

/** The pages that the person may read. */
export const pageEntries = (permissions: ReadonlySet<string>): Entry[] =>
  navigation
    .filter(({ needs }) => needs.some((permission) => permissions.has(permission)))
    .map(({ to, label, icon }) => ({ id: `page-${to}`, group: palette.pages, name: label, icon, to }))

const actions: { name: string; to: string; needs: string[]; icon?: IconName }[] = [
  {
    name: palette.whoCan,
    to: '/explain/who',
    needs: ['read:users', 'read:roles', 'read:resource_servers'],
    icon: 'question',
  },
  {
    name: palette.whatClaims,
    to: '/explain/claims',
    needs: ['read:users', 'read:roles', 'read:resource_servers', 'read:clients', 'read:client_grants'],
    icon: 'question',
  },
  { name: palette.readToken, to: '/explain/token', needs: ['read:resource_servers'], icon: 'question' },
  { name: palette.createUser, to: '/users?create=true', needs: ['read:users', 'create:users'] },
  { name: palette.importUsers, to: '/users/import', needs: ['create:users', 'read:connections'] },
  { name: palette.createRole, to: '/roles?create=true', needs: ['read:roles', 'create:roles'] },
  {
    name: palette.createApi,
    to: '/apis?create=true',
    needs: ['read:resource_servers', 'create:resource_servers'],
  },
  {
    name: palette.createApplication,
    to: '/applications?create=spa',
    needs: ['read:clients', 'create:clients'],
  },
  {
    name: palette.createConnection,
    to: '/connections?create=oidc',
    needs: ['read:connections', 'create:connections'],
  },
]

/** What the person may do from any page. */
export const actionEntries = (permissions: ReadonlySet<string>, logOut: () => void): Entry[] => [
  ...actions
    .filter(({ needs }) => needs.every((permission) => permissions.has(permission)))
    .map(
      ({ name, to, icon = 'plus' }): Entry => ({
        id: `action-${to}`,
        group: palette.actions,
        name,
        icon,
        to,
      }),
    ),
  { id: 'action-log-out', group: palette.actions, name: shell.logOut, icon: 'out', to: '', run: logOut },
]
