/** Dialogs and forms: what they refuse and why, where the focus goes, and what happens without a connection. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { root } from '../start/launcher.ts'
import { goTo, openDashboard } from './dashboard.ts'
import { addSubjects, everyDialog } from './every-dialog.ts'
import { withTokenOf } from './management.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

/** What the dialogs are made of. */
const frames = ['shared/bulk/bulk-dialog.tsx', 'shared/ui/dialog.tsx']

test('every dialog opens by keyboard, takes the focus and gives it back; axe finds nothing in any', {
  timeout: 480_000,
}, async () => {
  const { page } = visitor
  const { lab } = system
  const calls = withTokenOf(page, lab.issuer)
  await openDashboard(page, lab, lab.users.owner)
  const dialogs = everyDialog(lab, await addSubjects(calls, lab), calls)
  const sources = join(root, 'apps/dashboard/src')
  const components = globSync('**/*.tsx', { cwd: sources }).filter((file) =>
    /<(Dialog|BulkDialog|Modal)\b/.test(readFileSync(join(sources, file), 'utf8')),
  )
  assert.deepEqual(components.toSorted(), [...Object.keys(dialogs), ...frames].toSorted())

  const dialog = page.getByRole('dialog')
  for (const [file, openings] of Object.entries(dialogs))
    for (const { path, open, refused } of openings) {
      const what = `${file} at ${path}`
      await goTo(page, lab, path)
      await open(page)
      await expect(dialog.locator(':focus'), what).toHaveCount(1)
      await expect(dialog.locator('[aria-busy=true]'), what).toHaveCount(0)
      if (refused) {
        await dialog.getByRole('button', { name: refused, exact: true }).press('Enter')
        await expect(dialog.locator('[aria-invalid=true]').first(), what).toBeFocused()
      }
      assert.deepEqual(await visitor.accessibilityFlaws('[role=dialog]'), [], what)
      assert.deepEqual(await visitor.darkColorFlaws('[role=dialog]'), [], `${what} in dark colours`)
      await page.keyboard.press('Escape')
      await expect(dialog, what).toHaveCount(0)
      await expect(page.locator(':focus'), `${what}: the focus is back`).toHaveCount(1)
    }
})

test('a refusal is explained at its field, with what is allowed', limit, async () => {
  const { page } = visitor
  const { lab } = system
  await openDashboard(page, lab, lab.users.owner, '/apis')
  const dialog = page.getByRole('dialog')
  const create = dialog.getByRole('button', { name: 'Create', exact: true })
  const field = (label: string) => dialog.getByLabel(label, { exact: true })
  const explains = async (label: string, text: string | RegExp) => {
    await expect(field(label)).toHaveAttribute('aria-invalid', 'true')
    await expect(field(label)).toHaveAccessibleDescription(text)
  }

  await page.getByRole('button', { name: 'Create API' }).click()
  await field('Name').fill('Twin')
  await field('Identifier').fill(lab.audience)
  await create.click()
  await explains('Identifier', /Another API has this identifier/)
  await field('Identifier').fill('https://twin.example.com')
  await field('Name').fill('n'.repeat(201))
  await create.click()
  await explains('Name', /At most 200 characters/)

  await goTo(page, lab, '/users')
  await page.getByRole('button', { name: 'Create user' }).click()
  await field('Email').fill('no address')
  await field('Password').fill('short')
  await create.click()
  await explains('Email', /Enter a valid email address\./)
  await field('Email').fill('weak@example.com')
  await create.click()
  await explains('Password', /Too weak\. At least 8 characters/)
  await field('Password').fill('password')
  await create.click()
  await explains('Password', /most common passwords/)

  await goTo(page, lab, `/applications/${lab.applications.spa.client_id}/settings`)
  const callbacks = page.getByLabel('Allowed callback URLs')
  await callbacks.fill('localhost:4040/callback\nhttp://localhost:4040/callback\nhttp://localhost/#fragment')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(callbacks).toHaveAccessibleDescription(
    /“http:\/\/localhost\/#fragment” must be .* without a fragment/,
  )
})

test(
  'the focus goes to the heading of the page that a dialog leads to, and the page is announced',
  limit,
  async () => {
    const { page } = visitor
    await openDashboard(page, system.lab, system.lab.users.owner, '/roles')
    await page.getByRole('button', { name: 'Create role' }).click()
    await expect(page.getByRole('dialog').getByRole('textbox').first()).toBeFocused()
    await page.keyboard.type('focused')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'focused' })).toBeFocused()
    await expect(page.getByRole('status').filter({ hasText: /^focused$/ })).toHaveCount(1)
    await page.getByRole('link', { name: 'Users', exact: true }).first().click()
    await expect(page.getByRole('status').filter({ hasText: /^Users$/ })).toHaveCount(1)
  },
)

test('without a connection the page says that the server does not answer', limit, async () => {
  const { page, context } = visitor
  await openDashboard(page, system.lab, system.lab.users.owner, '/roles')
  await page.getByRole('button', { name: 'Create role' }).click()
  await expect(page.getByRole('dialog').getByRole('textbox').first()).toBeFocused()
  await page.keyboard.type('offline')
  await context.setOffline(true)
  await page.keyboard.press('Enter')
  await expect(page.getByText('The server does not answer.')).toBeVisible()
  await context.setOffline(false)
  await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'offline' })).toBeVisible()
})

test('what was typed into a dialog is gone after Cancel', limit, async () => {
  const { page } = visitor
  await openDashboard(page, system.lab, system.lab.users.owner, '/roles')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Create role' }).click()
  await dialog.getByLabel('Description').fill('never mind')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Create role' }).click()
  await expect(dialog.getByLabel('Description')).toHaveValue('')
})

test(
  'permissions of two APIs are added at once, and the search field of a dialog is one line',
  limit,
  async () => {
    const { page } = visitor
    const { lab } = system
    const { call } = withTokenOf(page, lab.issuer)
    await openDashboard(page, lab, lab.users.owner)
    const scopes = [{ value: 'read:invoices', description: 'Read invoices' }]
    await call('POST', 'resource-servers', {
      name: 'Billing',
      identifier: 'https://billing.example.com',
      scopes,
    })
    const { id } = (await call('POST', 'roles', { name: 'of-two-apis', description: '' })).body
    await goTo(page, lab, `/roles/${id}/permissions`)
    await page.getByRole('button', { name: 'Add permissions' }).click()
    const dialog = page.getByRole('dialog')
    await dialog
      .getByLabel('API', { exact: true })
      .selectOption({ label: 'Billing (https://billing.example.com)' })
    await dialog.getByLabel('read:invoices').check()
    await dialog
      .getByLabel('API', { exact: true })
      .selectOption({ label: `Hello World API Server (${lab.audience})` })
    await dialog.getByLabel('read:admin-messages').check()
    await dialog.getByRole('button', { name: 'Add 2 permissions' }).click()
    await expect(page.getByRole('row', { name: /read:invoices/ })).toContainText('Billing')
    await expect(page.getByRole('row', { name: /read:admin-messages/ })).toContainText(
      'Hello World API Server',
    )

    await goTo(page, lab, `/roles/${id}/users`)
    await page.getByRole('button', { name: 'Add users' }).click()
    const box = await dialog.getByRole('searchbox').locator('xpath=../..').boundingBox()
    assert.ok(box && box.height < 60, `the search field is ${box?.height} pixels high`)
  },
)

test('examples show the addresses of the running system', limit, async () => {
  const { page } = visitor
  const { lab } = system
  await openDashboard(
    page,
    lab,
    lab.users.owner,
    `/applications/${lab.applications.spa.client_id}/quick-start`,
  )
  await expect(page.getByRole('figure', { name: '.env' })).toContainText(`VITE_API_SERVER_URL=${lab.api_url}`)
  await goTo(page, lab, '/get-started')
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue(`${lab.api_url}/api/messages/admin`)
})
