/** The dashboard without a mouse: the access grid and every kind of dialog. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, openDashboard } from './dashboard.ts'
import { withTokenOf } from './management.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test('the grid is one tab stop: arrows move, Space assigns and removes', limit, async () => {
  const { page } = visitor
  const { keyboard } = page
  const { call } = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, system.lab.users.owner)
  const api = (await call('GET', 'resource-servers')).body.find((one) => !one.is_system)
  await call('PATCH', `resource-servers/${api?.id}`, {
    scopes: ['read:a', tutorial.permission.value, 'read:b'].map((value) => ({ value, description: value })),
  })
  const extra = (await call('POST', 'roles', { name: 'zz-second', description: '' })).body
  await goTo(page, system.lab, '/access/grid')

  const grid = page.getByRole('grid')
  const cell = (name: string) => grid.getByRole('checkbox', { name, exact: true })
  assert.equal(await grid.locator('[tabindex="0"]').count(), 1)
  await page.getByLabel('Filter permissions').focus()
  await keyboard.press('Tab')
  await expect(cell('read:a, messages-admin')).toBeFocused()
  await keyboard.press('ArrowDown')
  await expect(cell('read:admin-messages, messages-admin')).toBeFocused()
  await keyboard.press('End')
  await expect(cell('read:admin-messages, zz-second')).toBeFocused()
  await keyboard.press('Space')
  await expect(cell('read:admin-messages, zz-second')).toBeChecked()
  await expect(page.getByText('zz-second holds read:admin-messages now.')).toBeVisible()
  const held = () => call('GET', `roles/${extra.id}/permissions`)
  assert.equal((await held()).body[0]?.permission_name, tutorial.permission.value)

  await keyboard.press('Control+End')
  await expect(cell('read:b, zz-second')).toBeFocused()
  await keyboard.press('Enter')
  await expect(cell('read:b, zz-second')).toBeChecked()
  await keyboard.press('Control+Home')
  await expect(cell('read:a, messages-admin')).toBeFocused()
  await keyboard.press('ArrowUp')
  await expect(cell('read:a, messages-admin')).toBeFocused()

  // Space takes a permission away after a question, and Undo gives it back.
  await keyboard.press('PageDown')
  await keyboard.press('End')
  await keyboard.press('Space')
  const taking = page.getByRole('dialog', { name: 'Take read:b away from zz-second?' })
  await expect(taking.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await expect(taking).toContainText('No user and no application loses a permission.')
  await keyboard.press('Escape')
  await expect(taking).toBeHidden()
  await expect(cell('read:b, zz-second')).toBeFocused()
  await expect(cell('read:b, zz-second')).toBeChecked()
  await keyboard.press('Space')
  await taking.getByRole('button', { name: 'Take away' }).press('Enter')
  await expect(cell('read:b, zz-second')).not.toBeChecked()
  await expect(page.getByText('zz-second no longer holds read:b.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).last().press('Enter')
  await expect(cell('read:b, zz-second')).toBeChecked()
  await expect(async () => assert.equal((await held()).body.length, 2)).toPass({ timeout: 5_000 })

  // A system role is shown and cannot be changed.
  const fixed = cell('read:a, owner')
  await fixed.focus()
  await keyboard.press('Space')
  await expect(fixed).not.toBeChecked()
})

test('a dialog traps the focus and returns it on Escape', limit, async () => {
  const { page } = visitor
  const { keyboard } = page
  await openDashboard(page, system.lab, system.lab.users.owner, '/roles')
  const opener = page.getByRole('button', { name: 'Create role' })
  await opener.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'New role' })
  await expect(dialog.getByLabel('Name')).toBeFocused()
  for (let presses = 0; presses < 8; presses++) {
    await keyboard.press('Tab')
    assert.equal(await dialog.locator(':focus').count(), 1)
  }
  await keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(opener).toBeFocused()

  await keyboard.press('Enter')
  await expect(dialog.getByLabel('Name')).toBeFocused()
  await keyboard.type('by-keyboard')
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'by-keyboard' })).toBeVisible()

  // Adds permissions by keyboard: All, then Add.
  await page.getByRole('button', { name: 'Add permissions' }).press('Enter')
  const picker = page.getByRole('dialog', { name: /Add permissions to/ })
  await picker.getByRole('button', { name: 'All', exact: true }).press('Space')
  await picker.getByRole('button', { name: /^Add \d+ permission/ }).press('Enter')
  await expect(picker).toBeHidden()
  await expect(page.getByRole('row', { name: /read:admin-messages/ })).toBeVisible()

  // Deletion needs a confirmation that lists the effects. The focus starts at Cancel, and Escape cancels.
  await page.getByRole('navigation', { name: 'Parts of the role' }).getByText('Settings').press('Enter')
  const remove = page.getByRole('button', { name: 'Delete role' })
  await remove.press('Enter')
  const question = page.getByRole('dialog', { name: 'Delete by-keyboard?' })
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await expect(question).toContainText('No user and no application loses a permission.')
  await keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(remove).toBeFocused()
  await keyboard.press('Enter')
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Roles' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'by-keyboard' })).toHaveCount(0)
})

test('deleting a role first shows who loses which permissions', limit, async () => {
  const { page } = visitor
  await openDashboard(page, system.lab, system.lab.users.owner, '/roles')
  await page.getByRole('link', { name: tutorial.role.name }).press('Enter')
  await page.getByRole('navigation', { name: 'Parts of the role' }).getByText('Settings').press('Enter')
  await page.getByRole('button', { name: 'Delete role' }).press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('1 user loses permissions.')
  await dialog.getByRole('button', { name: `Names for ${tutorial.permission.value}` }).press('Enter')
  await expect(dialog.getByText(system.lab.users.admin.email)).toBeVisible()
})

test('keys that are typed before the palette or its answer is there are obeyed', limit, async () => {
  const { page } = visitor
  const { keyboard } = page
  await openDashboard(page, system.lab, system.lab.users.owner, '/roles')
  const code = Promise.withResolvers<void>()
  await page.route(/assets\/palette-.*\.js/, async (route) => {
    await code.promise
    await route.continue()
  })
  await keyboard.press('Control+k')
  await keyboard.type('create user')
  await keyboard.press('Enter')
  code.resolve()
  await expect(page.getByRole('dialog', { name: 'New user' })).toBeVisible()
  await keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  // Enter is for the answer to what was typed, and not for what is shown until then.
  const answer = Promise.withResolvers<void>()
  await page.route(/api\/v2\/users\?.*search=/, async (route) => {
    await answer.promise
    await route.continue()
  })
  await keyboard.press('Control+k')
  await keyboard.type('a')
  await expect(page.getByRole('option', { name: 'Create application' })).toBeVisible()
  await keyboard.type('dmin@example')
  await keyboard.press('Enter')
  await expect(page.getByRole('combobox', { name: 'Find objects' })).toHaveValue('admin@example')
  answer.resolve()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('admin@example.com')
  await page.unrouteAll({ behavior: 'wait' })
})

test(
  'the focus stays where it was when a button is busy, and near it when its row is gone',
  limit,
  async () => {
    const { page } = visitor
    const { lab } = system
    const { call } = withTokenOf(page, lab.issuer)
    await openDashboard(page, lab, lab.users.owner)
    const { id } = (await call('POST', 'roles', { name: 'kept-focus', description: 'one' })).body
    await call('POST', `roles/${id}/permissions`, {
      permissions: [{ permission_name: tutorial.permission.value, resource_server_identifier: lab.audience }],
    })
    const user = (await call('GET', 'users?q=email:member*')).body[0]?.['user_id']
    await goTo(page, lab, `/users/${encodeURIComponent(String(user))}/details`)
    const block = page.getByRole('button', { name: 'Block', exact: true })
    await block.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Block' }).press('Enter')
    const unblock = page.getByRole('button', { name: 'Unblock' })
    await expect(unblock).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(block).toBeFocused()

    // A refused value takes the focus.
    await goTo(page, lab, `/roles/${id}/settings`)
    await page.getByLabel('Name', { exact: true }).fill('')
    await page.getByRole('button', { name: 'Save changes' }).press('Enter')
    await expect(page.getByLabel('Name', { exact: true })).toBeFocused()

    await goTo(page, lab, `/roles/${id}/permissions`)
    await page.getByRole('button', { name: /^Remove read:admin-messages/ }).press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).press('Enter')
    await expect(page.getByText('No permissions yet', { exact: true })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Permissions' })).toBeFocused()
    await page.getByRole('button', { name: 'Undo' }).press('Enter')
    await expect(page.getByRole('row', { name: /read:admin-messages/ })).toBeVisible()
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  },
)
