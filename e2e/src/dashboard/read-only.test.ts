/** A user with the role `read-only-admin` can see every page and change nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from '@playwright/test'
import { useSystem } from '../journeys/system.ts'
import { expect, launchBrowser, useVisitor } from '../journeys/visitor.ts'
import { goTo, openDashboard } from './dashboard.ts'
import { type Calls, withTokenOf } from './management.ts'

const limit = { timeout: 180_000 }
const system = useSystem()
const visitor = useVisitor()
const reader = { email: 'reader@example.com', password: 'a lantern on the 3rd bridge' }
const ids = { api: '', role: '', user: '', connection: '' }

/** Created once, before the first of the two tests, by the owner in a separate browser. */
let made: Promise<void> | undefined
function readerExists(): Promise<void> {
  made ??= (async () => {
    const browser = await launchBrowser()
    try {
      await makeReader(await browser.newPage())
    } finally {
      await browser.close()
    }
  })()
  return made
}

/** Creates a user with the role for administrators who change nothing. */
async function makeReader(page: Page): Promise<void> {
  const { call } = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, system.lab.users.owner)
  const role = (await call('GET', 'roles?type=system')).body.find((one) => one.name === 'read-only-admin')
  const user = await call('POST', 'users', { connection: 'Username-Password-Authentication', ...reader })
  assert.equal(user.status, 201)
  await call('POST', `roles/${role?.id}/users`, { users: [user.body['user_id']] })
  const apis = (await call('GET', 'resource-servers')).body
  ids.api = String(apis.find((api) => !api.is_system)?.['id'])
  ids.role = String(role?.id)
  ids.user = encodeURIComponent(String(user.body['user_id']))
  const connection = await call('POST', 'connections', {
    name: 'partner',
    strategy: 'oidc',
    options: {
      client_id: 'rolecall',
      issuer: 'https://id.example.com',
      role_mapping: { claim: 'groups', roles: [{ value: 'admins', role: 'read-only-admin' }] },
    },
  })
  ids.connection = String(connection.body['id'])
}

test('no page offers an action that would be refused', limit, async () => {
  await readerExists()
  const { page } = visitor
  const refusals: string[] = []
  page.on('response', (response) => {
    if (response.status() === 403) refusals.push(response.url())
  })
  await openDashboard(page, system.lab, reader)
  const pages = [
    '/',
    '/get-started',
    '/apis',
    `/apis/${ids.api}/settings`,
    `/apis/${ids.api}/permissions`,
    `/apis/${ids.api}/machine`,
    '/roles',
    `/roles/${ids.role}/settings`,
    `/roles/${ids.role}/permissions`,
    `/roles/${ids.role}/users`,
    `/roles/compare?a=${ids.role}`,
    '/users',
    `/users/${ids.user}/details`,
    `/users/${ids.user}/roles`,
    `/users/${ids.user}/permissions`,
    `/users/${ids.user}/sessions`,
    '/applications',
    `/applications/${system.lab.applications.spa.client_id}/settings`,
    '/connections',
    `/connections/${ids.connection}/settings`,
    `/connections/${ids.connection}/applications`,
    `/connections/${ids.connection}/roles`,
    '/settings/tenant',
    '/settings/sessions',
    '/settings/log-in',
    '/settings/second-factors',
    '/settings/mail',
    '/settings/keys',
    '/settings/streams',
    '/logs',
    '/access/picture',
    `/explain/may?user=${ids.user}`,
    '/explain/who',
    '/explain/claims',
    '/explain/token',
  ]
  const changing =
    /^(create|add|delete|remove|save|edit|rotate|revoke|block|assign|make|end all|send|take|register|switch)\b/i
  for (const path of pages) {
    await goTo(page, system.lab, path)
    const offered = await page.getByRole('button', { name: changing }).allTextContents()
    assert.deepEqual(offered, [], path)
    const enabled = await page.getByRole('switch', { disabled: false }).count()
    assert.equal(
      enabled,
      path === '/logs' ? 1 : 0,
      `${path}: switches that can be turned (the switch of the logs only follows new entries)`,
    )
  }
  await goTo(page, system.lab, '/access/grid')
  const cell = page.getByRole('checkbox', { name: 'read:admin-messages, messages-admin' })
  await expect(cell).toBeChecked()
  await cell.press('Space')
  await expect(cell).toBeChecked()
  assert.deepEqual(refusals, [], 'no request was refused')
})

test('every change over HTTP is refused and has no effect', limit, async () => {
  await readerExists()
  const { page } = visitor
  const reading = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, reader)
  const before = await everything(reading)
  const attempts: [method: string, path: string, body?: object][] = [
    ['POST', 'resource-servers', { name: 'x', identifier: 'x' }],
    ['PATCH', `resource-servers/${ids.api}`, { name: 'x' }],
    ['DELETE', `resource-servers/${ids.api}`],
    ['POST', 'roles', { name: 'x' }],
    ['PATCH', `roles/${ids.role}`, { name: 'x' }],
    ['DELETE', `roles/${ids.role}`],
    [
      'POST',
      `roles/${ids.role}/permissions`,
      { permissions: [{ resource_server_identifier: 'x', permission_name: 'x' }] },
    ],
    [
      'DELETE',
      `roles/${ids.role}/permissions`,
      { permissions: [{ resource_server_identifier: 'x', permission_name: 'x' }] },
    ],
    ['POST', `roles/${ids.role}/users`, { users: ['x'] }],
    ['POST', 'users', { connection: 'x', email: 'x@example.com' }],
    ['PATCH', `users/${ids.user}`, { blocked: true }],
    ['DELETE', `users/${ids.user}`],
    ['POST', `users/${ids.user}/roles`, { roles: [ids.role] }],
    ['POST', 'rolecall/users/assign-roles', { users: [{ user_id: 'x', roles: ['x'] }] }],
    ['POST', 'rolecall/users/remove-roles', { users: [{ user_id: 'x', roles: ['x'] }] }],
    ['POST', 'rolecall/users/block', { users: [{ user_id: 'x' }] }],
    ['POST', 'rolecall/users/unblock', { users: [{ user_id: 'x' }] }],
    ['POST', 'rolecall/undo', { changes: ['x'] }],
    ['DELETE', `users/${ids.user}/roles`, { roles: [ids.role] }],
    [
      'POST',
      `users/${ids.user}/permissions`,
      { permissions: [{ resource_server_identifier: 'x', permission_name: 'x' }] },
    ],
    ['DELETE', `users/${ids.user}/sessions`],
    ['POST', 'clients', { name: 'x' }],
    ['PATCH', `clients/${system.lab.applications.spa.client_id}`, { name: 'x' }],
    ['DELETE', `clients/${system.lab.applications.spa.client_id}`],
    ['POST', `clients/${system.lab.applications.m2m.client_id}/rotate-secret`],
    ['DELETE', `rolecall/clients/${system.lab.applications.m2m.client_id}/secrets/previous`],
    ['POST', 'client-grants', { client_id: 'x', audience: 'x', scope: [] }],
    ['PATCH', 'tenants/settings', { friendly_name: 'x' }],
    ['POST', 'keys/signing/rotate'],
    ['POST', 'log-streams', { type: 'http', sink: { httpEndpoint: 'https://x.example.com/' } }],
    ['POST', 'tickets/password-change', { user_id: 'x' }],
    ['POST', 'jobs/verification-email', { user_id: 'x' }],
    ['POST', 'rolecall/call', { url: 'http://localhost:1/', access_token: 'x' }],
  ]
  for (const [method, path, body] of attempts) {
    const { status, body: answer } = await reading.call(method, path, body)
    assert.equal(status, 403, `${method} ${path}`)
    assert.match(String(answer['message']), /^Insufficient scope, expected any of: /)
  }
  assert.deepEqual(await everything(reading), before)
})

async function everything({ call }: Calls) {
  const paths = [
    'resource-servers',
    'roles',
    `roles/${ids.role}/permissions`,
    'users?sort=email:1',
    'clients',
    'client-grants',
    'tenants/settings',
    'keys/signing',
  ]
  return Promise.all(paths.map(async (path) => (await call('GET', path)).body))
}
