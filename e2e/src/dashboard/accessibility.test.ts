/** Every page of the dashboard in light and dark mode and on a narrow screen: axe and overflow. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, openDashboard } from './dashboard.ts'
import { withTokenOf } from './management.ts'

const limit = { timeout: 480_000 }
const wide = { width: 1280, height: 720 }
const narrow = { width: 390, height: 800 }
const system = useSystem()
const visitor = useVisitor()

/** Addresses of every page, with ids of existing objects. */
async function addresses(call: ReturnType<typeof withTokenOf>['call']): Promise<string[]> {
  const own = (await call('GET', 'resource-servers')).body.find((api) => !api.is_system)
  const role = (await call('GET', `roles?name_filter=${tutorial.role.name}`)).body[0]
  const user = (await call('GET', 'users?q=email:admin*')).body[0]
  const entry = (await call('GET', 'logs?per_page=1&q=type:sapi')).body[0]
  const { spa, m2m } = system.lab.applications
  const connection = await call('POST', 'connections', {
    name: 'partner',
    strategy: 'oidc',
    options: {
      client_id: 'rolecall',
      issuer: 'https://id.example.com',
      role_mapping: { claim: 'groups', roles: [{ value: 'admins', role: tutorial.role.name }] },
    },
  })
  const explained = new URLSearchParams({
    user: user?.user_id ?? '',
    client: system.lab.applications.spa.client_id,
    api: system.lab.audience,
    permission: tutorial.permission.value,
  }).toString()
  const of = (base: string, tabs: string) => tabs.split(' ').map((tab) => `${base}/${tab}`)
  return [
    '/',
    '/get-started',
    '/apis',
    ...of(`/apis/${own?.id}`, 'settings permissions machine test history'),
    '/roles',
    ...of(`/roles/${role?.id}`, 'settings permissions users history'),
    `/roles/compare?a=${role?.id}&b=${role?.id}&all=true`,
    '/users',
    '/users/import',
    ...of(
      `/users/${encodeURIComponent(user?.user_id ?? '')}`,
      'details roles permissions sessions logs history',
    ),
    '/applications',
    ...of(`/applications/${spa.client_id}`, 'settings apis quick-start history'),
    `/applications/${m2m.client_id}/settings`,
    '/connections',
    ...of(`/connections/${connection.body.id}`, 'settings applications roles history'),
    '/access/grid',
    `/access/picture?user=${encodeURIComponent(user?.user_id ?? '')}`,
    '/access/picture?of=permission',
    '/access/picture?of=role',
    '/access/review',
    `/explain/may?user=${encodeURIComponent(user?.user_id ?? '')}`,
    ...['may', 'who', 'claims', 'token'].map((question) => `/explain/${question}?${explained}`),
    '/logs',
    `/logs/${entry?.log_id}`,
    ...of('/settings', 'tenant sessions log-in second-factors mail keys streams'),
    '/no/such/page',
  ]
}

/** What has the cursor of a control and is none, or is none that the Tab key reaches. The grid has its own keys. */
const withoutKeyboard = `(() => {
  // A label and the description below it belong to a checkbox, a radio button or a switch.
  const control = 'a[href], button, input, select, textarea, summary, label, [class*=labelWrapper]'
  const elements = [...document.querySelectorAll('body *')].filter(
    (one) => one.getBoundingClientRect().width > 0 && !one.closest('[role=grid], [aria-hidden=true]'),
  )
  return elements
    .filter((one) =>
      one.matches('a, button, input, select, textarea')
        ? one.tabIndex < 0 || !one.matches(control)
        : getComputedStyle(one).cursor === 'pointer' && !one.closest(control),
    )
    .map((one) => one.outerHTML.slice(0, 200))
})()`

test(
  'axe finds no violation on any page, light or dark, each is announced, and none is wider than 390 pixels',
  limit,
  async () => {
    const { page } = visitor
    const { call } = withTokenOf(page, system.lab.issuer)
    await openDashboard(page, system.lab, system.lab.users.owner)
    // Creates a log entry.
    await call('PATCH', 'tenants/settings', { support_email: 'help@example.com' })
    const all = await addresses(call)
    for (const path of all) {
      await page.setViewportSize(wide)
      await goTo(page, system.lab, path)
      assert.deepEqual(await visitor.accessibilityFlaws(), [], path)
      assert.deepEqual(await page.evaluate(withoutKeyboard), [], `${path}: reacts to the mouse alone`)
      const [title = ''] = (await page.title()).split(' · ')
      await expect(page.getByRole('heading', { level: 1 }), path).toContainText(title)
      await expect(page.getByRole('status').getByText(title, { exact: true }), path).toHaveCount(1)
      assert.deepEqual(await visitor.darkColorFlaws(), [], `${path} in dark colours`)
      await page.setViewportSize(narrow)
      const widthOf = () => page.locator('html').evaluate((html) => html.scrollWidth)
      await expect.poll(widthOf, path).toBeLessThanOrEqual(narrow.width)
    }
    assert.equal(all.length, 53)
  },
)

test('at a width of 390 pixels the navigation opens, and a choice closes it', limit, async () => {
  const { page } = visitor
  await page.setViewportSize(narrow)
  await openDashboard(page, system.lab, system.lab.users.owner)
  await page.getByRole('button', { name: 'Open navigation' }).click()
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  await page.getByRole('link', { name: 'Roles', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Roles' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Roles', exact: true })).toBeHidden()
})

test('axe finds nothing on the reference of the Management API', limit, async () => {
  const { page } = visitor
  await page.goto(`${system.lab.issuer}api/v2/docs`)
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
})

test('an address without a page has one heading', limit, async () => {
  const { page } = visitor
  await openDashboard(page, system.lab, system.lab.users.owner)
  for (const path of ['/no/such/page', '/roles/rol_unknown', '/settings/unknown', '/explain/unknown']) {
    await goTo(page, system.lab, path)
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
    await expect(page.locator('.page').getByText('There is no such page', { exact: true })).toHaveCount(1)
  }
})
