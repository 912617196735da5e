/** Connections to other providers: create, set up, map roles, enable and delete. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, openDashboard } from './dashboard.ts'
import { withTokenOf } from './management.ts'

const system = useSystem()
const visitor = useVisitor()

test('a connection to a provider is created, set up, mapped to roles and deleted', {
  timeout: 240_000,
}, async () => {
  const { page } = visitor
  const { call } = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, system.lab.users.owner, '/connections')
  await page.getByRole('button', { name: 'Create connection' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Provider', { exact: true }).selectOption('Microsoft')
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog).toContainText('Replace the part in braces.')
  await dialog.getByLabel('Provider', { exact: true }).selectOption('OpenID Connect')
  await dialog.getByLabel('Name of the connection').fill('partner-of-the-journey')
  await expect(dialog).toContainText(`${system.lab.issuer}login/callback/partner-of-the-journey`)
  const issuer = dialog.getByLabel('Issuer, or address of the metadata')
  await issuer.fill('https://10.0.0.1')
  await dialog.getByLabel('Client ID').fill('rolecall')
  const secret = 'a-secret-of-the-partner'
  await dialog.getByLabel('Client secret', { exact: true }).fill(secret)
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog).toContainText('10.0.0.1 is not a public address')
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  // Reserved names resolve nowhere (RFC 6761).
  await issuer.fill('https://id.invalid')
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()

  await expect(page.getByRole('heading', { level: 1 })).toContainText('partner-of-the-journey')
  const [, id = ''] = /connections\/(con_\w+)/.exec(page.url()) ?? []
  const save = page.getByRole('button', { name: 'Save changes' })
  const spa = page.getByRole('checkbox', { name: 'Tutorial client', exact: false }).first()
  const application = (await spa.count()) > 0 ? spa : page.getByRole('main').getByRole('checkbox').first()
  await application.check()
  await save.click()
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  assert.equal((await call('GET', `connections/${id}`)).body['enabled_clients']?.length, 1)

  await goTo(page, system.lab, `/connections/${id}/settings`)
  const stored = page.getByLabel('Client secret', { exact: true })
  await expect(stored).toHaveValue('')
  await expect(page.locator('.page')).toContainText('Stored, and not shown.')
  assert.ok(!(await page.content()).includes(secret))
  await page.getByRole('button', { name: 'Read the metadata' }).click()
  await expect(page.locator('.page')).toContainText('The metadata could not be read', { timeout: 30_000 })
  await page.getByLabel('Client ID').fill('another')
  await expect(page.locator('.page')).toContainText('The stored secret belongs to the previous provider')
  await page.getByRole('button', { name: 'Discard changes' }).click()
  await page.getByLabel('Display name').fill('Partner')
  await save.click()
  await expect.poll(async () => (await call('GET', `connections/${id}`)).body['display_name']).toBe('Partner')
  assert.deepEqual(await visitor.accessibilityFlaws(), [])

  await goTo(page, system.lab, `/connections/${id}/roles`)
  const mapping = async () =>
    (await call('GET', `connections/${id}`)).body['options']?.['role_mapping']?.['roles'] ?? []
  await page.getByRole('button', { name: 'Add a value' }).click()
  await save.click()
  await expect(page.locator('.page')).toContainText('Each row needs a value and a role.')
  await page.getByLabel('Value in the claim').fill('admins')
  await page.getByLabel('Role', { exact: true }).selectOption(tutorial.role.name)
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  await save.click()
  await expect.poll(mapping).toEqual([{ value: 'admins', role: tutorial.role.name }])
  await page.getByRole('button', { name: 'Remove row 1' }).click()
  await save.click()
  await expect(page.getByRole('dialog')).toContainText(
    `${tutorial.role.name}: users who hold it only by this connection`,
  )
  await page.getByRole('button', { name: 'Save and take away' }).click()
  await expect.poll(mapping).toEqual([])

  await goTo(page, system.lab, `/connections/${id}/settings`)
  await page.getByRole('button', { name: 'Delete connection' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete connection' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connections')
  assert.equal((await call('GET', `connections/${id}`)).status, 404)
})
