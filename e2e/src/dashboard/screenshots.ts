// `npm run screenshots -w @rolecall/e2e`: takes the pictures of the dashboard that README.md and the guides show.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { tutorial } from '@rolecall/server/tutorial'
import { launchBrowser } from '../journeys/visitor.ts'
import { launch, root, site } from '../start/launcher.ts'
import { goTo, openDashboard } from './dashboard.ts'
import { type Calls, withTokenOf } from './management.ts'

const folder = join(root, 'docs/images')
const audience = tutorial.api.identifier

const scopes = {
  [tutorial.permission.value]: tutorial.permission.description,
  'write:admin-messages': 'Write admin messages',
  'read:messages': 'Read messages',
  'write:messages': 'Write messages',
  'delete:messages': 'Delete messages',
  'read:reports': 'Read reports',
  'export:reports': 'Export reports',
}

const roles: Record<string, { description: string; permissions: (keyof typeof scopes)[] }> = {
  editor: {
    description: 'Writes and removes messages',
    permissions: ['read:messages', 'write:messages', 'delete:messages'],
  },
  reader: { description: 'Reads messages', permissions: ['read:messages'] },
  auditor: {
    description: 'Reads and exports reports',
    permissions: ['read:messages', 'read:reports', 'export:reports'],
  },
}

const cleanups: (() => void)[] = []
const { args, readLab } = await site({ after: (clean) => cleanups.push(clean) })
const system = launch(args)
const browser = await launchBrowser()
try {
  await system.running()
  const lab = await readLab()
  await mkdir(folder, { recursive: true })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const calls = withTokenOf(page, lab.issuer)
  await openDashboard(page, lab, lab.users.owner)
  await furnish(calls)
  const users = (await calls.call('GET', 'users?q=email:editor*')).body
  await goTo(page, lab, '/access/grid')
  await take(page, 'dashboard-access')
  await goTo(page, lab, '/get-started')
  await take(page, 'dashboard-get-started')
  await page.emulateMedia({ colorScheme: 'dark' })
  await goTo(page, lab, `/access/picture?user=${encodeURIComponent(String(users[0]?.['user_id']))}`)
  await take(page, 'dashboard-picture')
} finally {
  await browser.close()
  system.process.kill('SIGTERM')
  await system.ended
  for (const clean of cleanups) clean()
}

/** Creates sample data: permissions, roles that hold them, and a user with two roles. */
async function furnish({ call }: Calls): Promise<void> {
  const api = (await call('GET', 'resource-servers')).body.find((one) => !one['is_system'])
  await call('PATCH', `resource-servers/${api?.['id']}`, {
    scopes: Object.entries(scopes).map(([value, description]) => ({ value, description })),
  })
  const made: string[] = []
  for (const [name, { description, permissions }] of Object.entries(roles)) {
    const id = String((await call('POST', 'roles', { name, description })).body['id'])
    made.push(id)
    await call('POST', `roles/${id}/permissions`, {
      permissions: permissions.map((permission_name) => ({
        permission_name,
        resource_server_identifier: audience,
      })),
    })
  }
  const connection = 'Username-Password-Authentication'
  const user = await call('POST', 'users', { connection, email: 'editor@example.com', email_verified: true })
  const id = encodeURIComponent(String(user.body['user_id']))
  await call('POST', `users/${id}/roles`, { roles: [made[0], made[2]] })
  await call('POST', `users/${id}/permissions`, {
    permissions: [{ permission_name: 'write:admin-messages', resource_server_identifier: audience }],
  })
}

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate('document.fonts.ready')
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
  console.log(`docs/images/${name}.png`)
}
