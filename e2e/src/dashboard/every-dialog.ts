import type { Page } from '@playwright/test'
import { tutorial } from '@rolecall/server/tutorial'
import { expect } from '../journeys/visitor.ts'
import type { Lab } from '../start/launcher.ts'
import type { Calls } from './management.ts'

/** A dialog, and how a person without a mouse opens it. */
interface Opening {
  /** The page, below `/dashboard`. */
  path: string
  open: (page: Page) => Promise<void>
  /** Pressed afterwards: it shows errors at the fields. */
  refused?: string
}

/** Objects that some of the dialogs are about. */
export interface Subjects {
  api: string
  role: string
  user: string
}

/** Creates what the dialogs are about: a mail, a log stream, a grant, a role with a permission and a user. */
export async function addSubjects({ call }: Calls, lab: Lab): Promise<Subjects> {
  const api = String((await call('GET', 'resource-servers')).body.find((one) => !one['is_system'])?.['id'])
  const role = (await call('POST', 'roles', { name: 'of-dialogs', description: 'first words' })).body
  const connection = 'Username-Password-Authentication'
  const user = (await call('POST', 'users', { connection, email: 'dialogs@example.com' })).body
  await call('POST', `roles/${role['id']}/permissions`, {
    permissions: [{ permission_name: tutorial.permission.value, resource_server_identifier: lab.audience }],
  })
  await call('POST', `roles/${role['id']}/users`, { users: [user['user_id']] })
  await call('POST', 'jobs/verification-email', { user_id: user['user_id'] })
  // Nothing answers at this port.
  const sink = { httpEndpoint: 'http://127.0.0.1:9/' }
  await call('POST', 'log-streams', { name: 'collector', type: 'http', sink })
  return { api, role: String(role['id']), user: encodeURIComponent(String(user['user_id'])) }
}

const press = (name: string | RegExp) => (page: Page) =>
  page.getByRole('button', { name, exact: true }).first().press('Enter')

/** Selects the row, and presses the button of the bar that this shows. */
const withRow = (row: string, name: string) => async (page: Page) => {
  await page.getByRole('checkbox', { name: `Select ${row}`, exact: true }).press('Space')
  await press(name)(page)
}

/** Every dialog, by the file of its component below `apps/dashboard/src`. */
export function everyDialog(
  lab: Lab,
  { api, role, user }: Subjects,
  { call }: Calls,
): Record<string, Opening[]> {
  const m2m = `/applications/${lab.applications.m2m.client_id}`
  const dialogsUser = 'dialogs@example.com'
  const create = (path: string, button: string): Opening => ({ path, open: press(button), refused: 'Create' })
  const bulk = (name: string): Opening => ({ path: '/users?q=dialogs', open: withRow(dialogsUser, name) })
  return {
    'app/palette.tsx': [{ path: '/roles', open: press('Find') }],
    'features/apis/create-api-dialog.tsx': [create('/apis', 'Create API')],
    'features/apis/edit-permission-dialog.tsx': [
      { path: `/apis/${api}/permissions`, open: press(/^Edit the description/) },
    ],
    'features/applications/create-application-dialog.tsx': [create('/applications', 'Create application')],
    'features/applications/rotate-dialog.tsx': [{ path: `${m2m}/settings`, open: press('Rotate secret') }],
    'features/connections/create-connection-dialog.tsx': [create('/connections', 'Create connection')],
    'features/roles/add-users-dialog.tsx': [{ path: `/roles/${role}/users`, open: press('Add users') }],
    'features/roles/create-role-dialog.tsx': [
      create('/roles', 'Create role'),
      { path: `/roles/${role}/users`, open: press('Duplicate') },
    ],
    'features/roles/take-from-users.tsx': [
      { path: `/roles/${role}/users`, open: withRow(dialogsUser, 'Take the role away') },
    ],
    'features/settings/create-stream-dialog.tsx': [create('/settings/streams', 'Create log stream')],
    'features/settings/mail-tab.tsx': [{ path: '/settings/mail', open: press(/^Open “/) }],
    'features/settings/stream-dialog.tsx': [{ path: '/settings/streams', open: press(/^Deliveries of/) }],
    'features/users/assign-roles-dialog.tsx': [{ path: `/users/${user}/roles`, open: press('Assign roles') }],
    'features/users/bulk-actions.tsx': ['Assign roles', 'Remove roles', 'Block', 'Unblock'].map(bulk),
    'features/users/create-user-dialog.tsx': [create('/users', 'Create user')],
    'shared/bulk/delete-selected.tsx': [
      bulk('Delete'),
      { path: '/roles?q=of-dialogs', open: withRow('of-dialogs', 'Delete') },
    ],
    'shared/forms/conflict-dialog.tsx': [
      {
        path: `/roles/${role}/settings`,
        async open(page) {
          await page.getByLabel('Description').fill('mine')
          await call('PATCH', `roles/${role}`, { description: 'theirs' })
          await press('Save changes')(page)
        },
      },
    ],
    'shared/pages/add-permissions-dialog.tsx': [
      { path: `/roles/${role}/permissions`, open: press('Add permissions') },
      { path: `/users/${user}/permissions`, open: press('Assign permissions') },
    ],
    'shared/pages/grant-dialog.tsx': [{ path: `${m2m}/apis`, open: press('Edit permissions') }],
    'shared/ui/confirm-dialog.tsx': [
      { path: '/settings/keys', open: press('Rotate') },
      { path: `/users/${user}/details`, open: press('Delete user') },
      {
        path: `/apis/${api}/settings`,
        async open(page) {
          await page.getByRole('switch', { name: 'Enable RBAC' }).press('Space')
          await press('Save changes')(page)
          await expect(page.getByRole('dialog')).toContainText('RBAC is off')
        },
      },
    ],
  }
}
