/** Unsaved input is kept when another user saves first and when the session ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { submitCredentials } from '../journeys/client.ts'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, loaded, openDashboard } from './dashboard.ts'
import { withTokenOf } from './management.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test(
  'when two browsers edit the same role, the second is shown both versions and chooses',
  limit,
  async () => {
    const { page: first, context } = visitor
    const browser = context.browser()
    assert.ok(browser)
    const second = await (await browser.newContext()).newPage()
    const { owner } = system.lab.users
    const { call } = withTokenOf(first, system.lab.issuer)
    await openDashboard(first, system.lab, owner)
    const { id } = (await call('POST', 'roles', { name: 'shared', description: 'before' })).body
    const path = `/roles/${id}/settings`
    await goTo(first, system.lab, path)
    await openDashboard(second, system.lab, owner, path)

    await first.getByLabel('Description').fill('from the first')
    await second.getByLabel('Description').fill('from the second')
    await first.getByRole('button', { name: 'Save changes' }).click()
    await expect(first.getByText('Saved')).toBeVisible()
    await second.getByRole('button', { name: 'Save changes' }).click()

    const dialog = second.getByRole('dialog', { name: 'Somebody else has saved in the meantime' })
    await expect(dialog.getByRole('row', { name: /Description/ })).toContainText('from the first')
    await expect(dialog.getByRole('row', { name: /Description/ })).toContainText('from the second')
    const stored = async () => (await call('GET', `roles/${id}`)).body['description']
    assert.equal(await stored(), 'from the first')

    // Showing both versions overwrites nothing and keeps what was typed.
    await second.keyboard.press('Escape')
    await expect(second.getByLabel('Description')).toHaveValue('from the second')
    await second.getByRole('button', { name: 'Save changes' }).click()
    await dialog.getByRole('button', { name: 'Save mine over theirs' }).click()
    await expect(dialog).toBeHidden()
    await expect(async () => assert.equal(await stored(), 'from the second')).toPass({ timeout: 5_000 })

    // The other choice: the first browser takes the saved version.
    await first.getByLabel('Description').fill('once more from the first')
    await first.getByRole('button', { name: 'Save changes' }).click()
    await first.getByRole('button', { name: 'Take theirs' }).click()
    await expect(first.getByLabel('Description')).toHaveValue('from the second')
    await second.context().close()
  },
)

test('when the session ends during editing, the form is restored after the log-in', limit, async () => {
  const { page, context } = visitor
  const { owner } = system.lab.users
  const { call } = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, owner)
  const { id } = (await call('POST', 'roles', { name: 'half-typed', description: '' })).body
  const path = `/roles/${id}/settings`
  await goTo(page, system.lab, path)
  await page.getByLabel('Description').fill('typed before the session ended')

  // Ends the browser's session and the refresh and access tokens.
  await context.clearCookies()
  await page.route('**/oauth/token', (route) =>
    route.request().postData()?.includes('grant_type=refresh_token')
      ? route.fulfill({
          status: 403,
          json: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
        })
      : route.continue(),
  )
  await page.route('**/api/v2/roles/**', (route) =>
    route.request().method() === 'PATCH'
      ? route.fulfill({
          status: 401,
          json: { statusCode: 401, error: 'Unauthorized', message: 'Invalid token' },
        })
      : route.continue(),
  )
  await page.getByRole('button', { name: 'Save changes' }).click()
  await page.getByLabel('Email address').waitFor()
  await page.unrouteAll()
  await submitCredentials(page, owner)
  await loaded(page)

  assert.equal(new URL(page.url()).pathname, `/dashboard${path}`)
  await expect(page.getByLabel('Description')).toHaveValue('typed before the session ended')
  await expect(page.getByText('What you had typed is back.')).toBeVisible()
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  assert.equal((await call('GET', `roles/${id}`)).body['description'], 'typed before the session ended')
})

test('after a reload the form is restored without the password', limit, async () => {
  const { page } = visitor
  await openDashboard(page, system.lab, system.lab.users.owner, '/users')
  await page.getByRole('button', { name: 'Create user' }).click()
  await page.getByLabel('Email', { exact: true }).fill('half@example.com')
  await page.getByLabel('Password', { exact: true }).fill('nowhere to be found 7')
  const kept = String(
    await page.evaluate('JSON.stringify([sessionStorage, localStorage].map(Object.entries))'),
  )
  assert.ok(kept.includes('half@example.com'))
  assert.ok(!kept.includes('nowhere to be found'))
  await page.reload()
  await loaded(page)
  // The address says that the dialog is open.
  await expect(page.getByLabel('Email', { exact: true })).toHaveValue('half@example.com')
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
})
