/**
 * Finding in a system of 10,000 users, 200 roles and 20 APIs: paging, search, filters, the palette, export and import.
 * `npm run bench -- dashboard` measures how long a page takes.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { expect, useVisitor } from '../journeys/visitor.ts'
import type { Lab } from '../start/launcher.ts'
import { goTo, loaded, openDashboard } from './dashboard.ts'
import { withTokenOf } from './management.ts'
import { startWithManyUsers } from './many-users.ts'

const limit = { timeout: 240_000 }
const visitor = useVisitor()
const cleanups: (() => void | Promise<void>)[] = []
let lab: Lab
before(
  async () => {
    lab = await startWithManyUsers({ after: (clean) => cleanups.push(clean) })
  },
  { timeout: 480_000 },
)
after(async () => {
  for (const clean of cleanups.toReversed()) await clean()
})

test('a list of 10,000 users can be paged, searched and linked to', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/users')
  await expect(page.getByText('1–50 of 10,003')).toBeVisible()

  const next = page.getByRole('button', { name: 'Next' })
  const shown = (text: string) => page.getByText(text).first().waitFor()
  await next.click()
  await shown('51–100 of 10,003')
  await next.click()
  await shown('101–150 of 10,003')
  // Any part of an email.
  await page.getByRole('searchbox').fill('er-00999')
  await shown('user-009999@example.com')
  await page.getByRole('searchbox').fill('')
  await shown('1–50 of 10,003')
  // A page in the middle, opened by its address as from a link or the Back button.
  await page.goto(`${lab.dashboard_url}users?page=190`)
  await loaded(page)
  await expect(page.getByText('9,451–9,500 of 10,003')).toBeVisible()
  await next.click()
  await shown('9,501–9,550 of 10,003')
})

test('users are filtered and sorted, and the address has the filters', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/users')
  const row = page.locator('tbody tr')
  await page.getByRole('searchbox').fill('山田 太郎')
  await expect(row.first()).toContainText('太郎 山田')

  await page.getByRole('searchbox').fill('')
  await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Accounting reader' })
  await expect(page).toHaveURL(/role=rol_/)
  await loaded(page)
  await expect(row.first()).toContainText('Accounting reader')
  await page.getByLabel('Status').selectOption('blocked')
  await page.getByLabel('Last log-in', { exact: true }).selectOption('old')
  await page.getByRole('button', { name: 'Last log-in' }).click()
  await expect(page).toHaveURL(/status=blocked&login=old&sort=last_login%3A1/)
  await loaded(page)
  await expect(page.getByRole('columnheader', { name: 'Last log-in' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  )
  await expect(row.first()).toContainText('Blocked')
  const shown = await row.allTextContents()
  await page.reload()
  await loaded(page)
  assert.deepEqual(await row.allTextContents(), shown)
  assert.deepEqual(await visitor.accessibilityFlaws(), [])

  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByLabel('API', { exact: true }).selectOption({ label: 'Invoices' })
  await page.getByLabel('Permission', { exact: true }).selectOption('read:items')
  await expect(page).toHaveURL(/permission=read%3Aitems/)
  await loaded(page)
  await expect(row.first()).toBeVisible()
})

test('a list of roles shows how many users and permissions each has', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/roles')
  await page.getByRole('searchbox').fill('ccounting read')
  const row = page.locator('tbody tr').first()
  await expect(row).toContainText('Accounting reader')
  await expect(row.getByRole('link').nth(1)).toHaveText(/^\d+$/)
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
})

test('the palette finds objects, pages and actions by keyboard', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/roles')
  const field = page.getByRole('combobox', { name: 'Find objects, pages and actions' })
  await page.keyboard.press('/')
  await expect(field).toBeFocused()
  await page.keyboard.type('004242')
  const option = page.getByRole('option', { name: 'user-004242@example.com' })
  await expect(option).toHaveAttribute('aria-selected', 'true')
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/users\/auth0%7C0+4242/)
  await expect(field).toHaveCount(0)

  // A permission leads to those who have it.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('export:rates')
  await expect(page.getByRole('option', { name: 'export:rates' })).toHaveCount(5)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/explain\/who\?api=.*&permission=export%3Arates$/)

  await page.keyboard.press('Control+k')
  await page.keyboard.type('create')
  await expect(page.getByRole('option', { name: 'Create user' })).toBeVisible()
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('option', { name: 'Create connection' })).toHaveAttribute(
    'aria-selected',
    'true',
  )
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'New user' })).toBeVisible()
  // Not above a dialog with a draft.
  await page.keyboard.press('Control+k')
  await expect(field).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await page.keyboard.press('Control+k')
  await expect(field).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(field).toHaveCount(0)
})

test('the grid shows whole columns, counts them, and shows where names differ', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/access/grid')
  for (const [width, expected] of [
    [1440, 8],
    [390, 2],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    const heads = page.getByRole('grid').getByRole('columnheader')
    await expect(heads).toHaveCount(expected + 1)
    await expect(page.getByText(`Roles 1–${expected} of 203`)).toBeVisible()
    const frame = await page.locator('.access-frame').boundingBox()
    const last = await heads.last().boundingBox()
    assert.ok(frame && last && last.x + last.width <= frame.x + frame.width + 1, `${width} pixels`)
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('searchbox', { name: 'Filter roles' }).fill('Customer Relationship')
  const name = 'Customer Relationship and Subscription Management editor 2'
  const role = page.getByRole('link', { name, exact: true })
  await expect(role.getByText('editor 2')).toBeInViewport({ ratio: 1 })
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
})

test('the effect of a change of 1,000 users is exact', limit, async () => {
  const { page } = visitor
  const { call } = withTokenOf(page, lab.issuer)
  await openDashboard(page, lab, lab.users.owner, '/users?status=active')
  const found = (await call('GET', 'roles?name_filter=Accounting%20reader')).body
  const role = found.find(({ name }) => name === 'Accounting reader')?.['id']
  await page.getByLabel('Select all on this page').check()
  const bar = page.getByRole('region', { name: 'Selection' })
  await bar.getByRole('button', { name: 'Select the first 1,000' }).click()
  await expect(bar).toContainText('1,000 selected')
  await bar.getByRole('button', { name: 'Remove roles' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Accounting reader', { exact: true }).check()

  // The same users, and one answer for all of them.
  const changes: object[] = []
  for (let at = 0; at < 10; at++) {
    const q = encodeURIComponent('blocked:false AND email_verified:true')
    const { body } = await call('GET', `users?q=${q}&sort=email:1&per_page=100&page=${at}`)
    for (const { user_id: id } of body)
      changes.push({
        method: 'DELETE',
        path: `/users/${encodeURIComponent(String(id))}/roles`,
        body: { roles: [role] },
      })
  }
  const { body: whole } = await call('POST', 'authorization/preview', { changes })
  const losing = Number(whole['users']?.['losing'])
  assert.ok(losing > 1, JSON.stringify(whole))
  await expect(dialog.locator('[aria-busy=true]')).toHaveCount(0)
  await expect(dialog).toContainText(`${losing} users lose permissions.`)
  await expect(dialog).not.toContainText('At least')
})

test('what the filters find is exported as CSV and JSON', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/users?status=blocked&q=user-00')
  await loaded(page)
  for (const format of ['CSV', 'JSON']) {
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: `Export this list as ${format}` }).click()
    const lines = (await readFile(await (await downloading).path(), 'utf8')).trimEnd().split(/\r?\n/)
    assert.equal(lines.length, 271 + (format === 'CSV' ? 1 : 0))
    assert.ok(lines.every((line, at) => at === 0 || line.includes('@example.com')))
  }
})

test('a file of users is imported, with a report of those that are refused', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/users/import')
  const start = page.getByRole('button', { name: 'Import', exact: true })
  await start.click()
  await expect(page.getByText('Choose a file first.').last()).toBeVisible()
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  await choose(page, 'users.json', JSON.stringify([...newUsers(3), { email: 'not-an-address' }]))
  const posted: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('users-imports')) posted.push(request.url())
  })
  await start.dblclick()
  await expect(page.getByText('4 users in the file: 3 created, 0 updated, 1 refused.')).toBeVisible()
  assert.equal(posted.length, 1)
  await expect(page.getByRole('table', { name: 'Refused users' })).toContainText(
    'email: Must be an email address',
  )
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
})

test('a file that is no list of users is refused with a reason', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/users/import')
  for (const [name, content, reason] of [
    ['empty.json', '', 'The file has no users.'],
    [
      'picture.png',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
      'Line 1 is not UTF-8',
    ],
    ['cut.json', '[{"email": "cut@exam', 'The array is not closed'],
    [
      'cut.json.gz',
      gzipSync('[{"email": "cut@example.com"}]').subarray(0, 20),
      'The compressed file is damaged',
    ],
    ['word.json', '"hello"', 'No user could be imported'],
  ] as const) {
    await choose(page, name, content)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await expect(page.getByText(reason), name).toBeVisible()
    await goTo(page, lab, '/users/import')
  }
})

test('an import of 10,000 users shows its progress, and the page can be left meanwhile', limit, async () => {
  const { page } = visitor
  await openDashboard(page, lab, lab.users.owner, '/users/import')
  const refused = Array.from({ length: 200 }, (_, at) => ({ email: `refused ${at}` }))
  await choose(page, 'many.json', JSON.stringify([...newUsers(9_800), ...refused]))
  // The page is left while the file is uploaded. The answer brings nobody back to it.
  const upload = Promise.withResolvers<void>()
  await page.route('**/jobs/users-imports', async (route) => {
    await upload.promise
    await route.continue()
  })
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  const main = page.getByRole('navigation', { name: 'Main' })
  await main.getByRole('link', { name: 'Roles' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Roles' })).toBeVisible()
  const answered = page.waitForResponse(/jobs\/users-imports/)
  upload.resolve()
  await answered
  await main.getByRole('link', { name: 'Users' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible()
  await page.getByRole('link', { name: 'Import users' }).click()
  await page.getByRole('link', { name: 'Show its progress and report' }).click()
  await expect(page.getByRole('progressbar')).toBeVisible()
  const counts = page.getByText('10,000 users in the file: 9,800 created, 0 updated, 200 refused.')
  await expect(counts).toBeVisible({ timeout: 200_000 })
  await expect(page.getByText('The first 100 are shown')).toBeVisible()
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export this list as CSV' }).click()
  const lines = (await readFile(await (await downloading).path(), 'utf8')).trimEnd().split(/\r?\n/)
  assert.equal(lines.length, 1 + refused.length)
  await page.unrouteAll({ behavior: 'wait' })
})

let imported = 0
const newUsers = (count: number) =>
  Array.from({ length: count }, () => ({ email: `imported-${++imported}@example.com` }))

async function choose(page: Page, name: string, content: string | Buffer): Promise<void> {
  const file = { name, mimeType: 'application/json', buffer: Buffer.from(content) }
  await page.locator('input[type=file]').setInputFiles(file)
}
