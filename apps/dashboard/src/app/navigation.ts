import type { IconName } from '../shared/ui/icon.tsx'
import { shell } from './text.ts'

interface Entry {
  to: string
  label: string
  icon: IconName
  /** Shown to who holds at least one of these. */
  needs: string[]
}

export const navigation: Entry[] = [
  {
    to: '/',
    label: shell.overview,
    icon: 'overview',
    needs: ['read:resource_servers', 'read:roles', 'read:users', 'read:clients', 'read:logs'],
  },
  { to: '/get-started', label: shell.getStarted, icon: 'start', needs: ['read:resource_servers'] },
  { to: '/apis', label: shell.apis, icon: 'api', needs: ['read:resource_servers'] },
  { to: '/roles', label: shell.roles, icon: 'role', needs: ['read:roles'] },
  { to: '/users', label: shell.users, icon: 'user', needs: ['read:users'] },
  { to: '/applications', label: shell.applications, icon: 'application', needs: ['read:clients'] },
  { to: '/connections', label: shell.connections, icon: 'connection', needs: ['read:connections'] },
  { to: '/access', label: shell.access, icon: 'access', needs: ['read:roles'] },
  { to: '/explain', label: shell.explain, icon: 'question', needs: ['read:resource_servers'] },
  { to: '/logs', label: shell.logs, icon: 'log', needs: ['read:logs'] },
  {
    to: '/settings',
    label: shell.settings,
    icon: 'settings',
    needs: ['read:tenant_settings', 'read:signing_keys', 'read:log_streams'],
  },
]
