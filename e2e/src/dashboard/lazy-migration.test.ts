/** The form for the server that users move in from. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, openDashboard } from './dashboard.ts'

const system = useSystem()
const visitor = useVisitor()

test('a lazy migration is set up, tested and removed, and its secret is never shown again', {
  timeout: 180_000,
}, async () => {
  const { page } = visitor
  await openDashboard(page, system.lab, system.lab.users.owner, '/settings/log-in')
  const form = page.locator('form').filter({ hasText: 'Lazy migration' })
  const source = form.getByLabel('Other server')
  await source.selectOption('A tenant of Auth0')
  const save = form.getByRole('button', { name: 'Save' })
  await save.click()
  await expect(page.locator('.page')).toContainText('This is required.')
  // Reserved names resolve nowhere (RFC 6761).
  await page.getByLabel('Domain of the tenant').fill('https://tenant.invalid/')
  await page.getByLabel('Client ID for log-ins').fill('a-client')
  const secret = page.getByLabel('Client secret for log-ins').first()
  await secret.fill('a-secret-of-the-tenant')
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  await save.click()
  const testing = page.getByRole('button', { name: 'Test the saved settings' })
  await testing.click()
  await expect(page.locator('.page')).toContainText('It could not be asked', { timeout: 30_000 })
  assert.deepEqual(await visitor.accessibilityFlaws(), [])

  await goTo(page, system.lab, '/settings/log-in')
  await expect(page.getByLabel('Domain of the tenant')).toHaveValue('tenant.invalid')
  await expect(secret).toHaveValue('')
  await expect(page.locator('.page')).toContainText('Stored. Leave it empty to keep it.')
  assert.ok(!(await page.content()).includes('a-secret-of-the-tenant'))
  await source.selectOption('None')
  await save.click()
  await expect(testing).toHaveCount(0)
})
