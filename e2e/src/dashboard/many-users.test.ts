/**
 * Finding in a system of 10,000 users, 200 roles and 20 APIs: paging, search, filters, the palette, export and import.
 * `npm run bench -- dashboard` measures how long a page takes.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { expect, useVisitor } from '../journeys/visitor.ts'
import type { Lab } from '../start/launcher.ts'
import { loaded, openDashboard } from './dashboard.ts'
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
  await page.getByLabel('Last login', { exact: true }).selectOption('old')
  await page.getByRole('button', { name: 'Last login' }).click()
  await expect(page).toHaveURL(/status=blocked&login=old&sort=last_login%3A1/)
  await loaded(page)
  await expect(page.getByRole('columnheader', { name: 'Last login' })).toHaveAttribute(
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

  await page.keyboard.press('Control+k')
  await page.keyboard.type('create')
  await expect(page.getByRole('option', { name: 'Create user' })).toBeVisible()
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('option', { name: 'Create application' })).toHaveAttribute(
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
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('Choose a file first.').last()).toBeVisible()
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  const users = [
    { email: 'imported@example.com' },
    { email: 'user-000001@example.com' },
    { email: 'not-an-address' },
  ]
  await page.locator('input[type=file]').setInputFiles({
    name: 'users.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(users)),
  })
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('3 users in the file: 1 created, 0 updated, 2 refused.')).toBeVisible()
  await expect(page.getByRole('table', { name: 'Refused users' })).toContainText('not-an-address')
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
})
