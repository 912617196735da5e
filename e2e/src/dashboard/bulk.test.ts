/** Changes of several objects at once, the comparison of two roles, and exports. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { Page } from '@playwright/test'
import { tutorial } from '@rolecall/server/tutorial'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { goTo, loaded, openDashboard } from './dashboard.ts'
import { type Calls, withTokenOf } from './management.ts'

const limit = { timeout: 240_000 }
const system = useSystem()
const visitor = useVisitor()

const people = Array.from({ length: 60 }, (_, index) => `bulk-${String(index).padStart(2, '0')}@example.com`)

async function makePeople({ call }: Calls): Promise<Map<string, string>> {
  const made = new Map<string, string>()
  for (const email of people) {
    const { status, body } = await call('POST', 'users', {
      connection: 'Username-Password-Authentication',
      email,
      password: 'a lantern on the 3rd bridge',
    })
    assert.equal(status, 201, JSON.stringify(body))
    made.set(email, encodeURIComponent(String(body['user_id'])))
  }
  return made
}

test(
  'users are selected on all pages, changed together, reported on, and given back by Undo',
  limit,
  async () => {
    const { page } = visitor
    const calls = withTokenOf(page, system.lab.issuer)
    const { call } = calls
    await openDashboard(page, system.lab, system.lab.users.owner)
    const ids = await makePeople(calls)
    const idOf = (email: string) => ids.get(email) ?? ''
    const rolesOf = async (email: string) =>
      (await call('GET', `users/${idOf(email)}/roles`)).body.map(({ name }) => String(name))
    const [first = '', second = '', third = ''] = people

    // All that match, not only the page.
    await goTo(page, system.lab, '/users?q=bulk-')
    const bar = page.getByRole('region', { name: 'Selection' })
    await page.getByLabel('Select all on this page').check()
    await expect(bar).toContainText('50 selected')
    await bar.getByRole('button', { name: 'Select all 60' }).click()
    await expect(bar).toContainText('60 selected')
    assert.deepEqual(await visitor.accessibilityFlaws(), [])
    assert.deepEqual(await visitor.darkColorFlaws(), [])

    await call('DELETE', `users/${idOf(third)}`)
    await bar.getByRole('button', { name: 'Assign roles' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog).toContainText('Assign roles to 60 users')
    await dialog.getByLabel(tutorial.role.name).check()
    assert.deepEqual(await visitor.accessibilityFlaws(), [])
    await dialog.getByRole('button', { name: 'Assign 1 role to 60 users' }).click()
    await expect(dialog).toContainText('59 users have new roles.')
    const failures = dialog.getByRole('table')
    await expect(failures).toContainText(third)
    await expect(failures).toContainText('The user does not exist.')
    assert.deepEqual(await visitor.accessibilityFlaws(), [])
    assert.deepEqual(await rolesOf(first), [tutorial.role.name])

    // A second administrator takes the role from one of them and gives it again. Undo leaves that user alone.
    const role = (await call('GET', `roles?name_filter=${tutorial.role.name}`)).body[0]?.['id']
    await call('DELETE', `users/${idOf(second)}/roles`, { roles: [role] })
    await call('POST', `users/${idOf(second)}/roles`, { roles: [role] })
    await dialog.getByRole('button', { name: 'Undo for 59' }).click()
    await expect(dialog).toContainText('58 users are as before.')
    await expect(dialog.getByRole('table')).toContainText(
      `Changed or deleted in the meantime, and left as it is: ${tutorial.role.name}.`,
    )
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    assert.deepEqual(await rolesOf(first), [])
    assert.deepEqual(await rolesOf(second), [tutorial.role.name])
    await expect(bar).toHaveCount(0)
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()

    await blockAndDelete(page)
    assert.equal((await call('GET', 'users?q=email:bulk-*&include_totals=true')).body['total'], 57)
  },
)

/** Blocks two and gives them back, then deletes them after typing their number. */
async function blockAndDelete(page: Page): Promise<void> {
  const bar = page.getByRole('region', { name: 'Selection' })
  const dialog = page.getByRole('dialog')
  const [first = '', second = ''] = people
  const select = async () => {
    await page.getByLabel(`Select ${first}`).check()
    await page.getByLabel(`Select ${second}`).check()
    await expect(bar).toContainText('2 selected')
  }
  await select()
  await bar.getByRole('button', { name: 'Block', exact: true }).click()
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await dialog.getByRole('button', { name: 'Block', exact: true }).click()
  await expect(dialog).toContainText('2 users are blocked.')
  await expect(page.getByRole('row', { name: first })).toContainText('Blocked')
  await dialog.getByRole('button', { name: 'Undo for 2' }).click()
  await expect(dialog).toContainText('2 users are as before.')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('row', { name: first })).not.toContainText('Blocked')

  await select()
  await bar.getByRole('button', { name: 'Delete' }).click()
  const remove = dialog.getByRole('button', { name: 'Delete' })
  await expect(remove).toBeDisabled()
  await dialog.getByLabel('Type 2 to confirm').fill('3')
  await expect(remove).toBeDisabled()
  await dialog.getByLabel('Type 2 to confirm').fill('2')
  await remove.click()
  await expect(dialog).toContainText('2 users are deleted.')
  await expect(dialog.getByRole('button', { name: /^Undo/ })).toHaveCount(0)
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await loaded(page)
  await expect(page.getByText(first)).toHaveCount(0)
}

test('two roles are compared, by their address, and lists are exported', limit, async () => {
  const { page } = visitor
  const { call } = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, system.lab.users.owner)
  const api = String((await call('GET', 'resource-servers')).body.find((one) => !one['is_system'])?.['id'])
  const [known, added] = [tutorial.permission.value, 'write:admin-messages']
  const scopes = [known, added].map((value) => ({ value, description: value }))
  assert.equal((await call('PATCH', `resource-servers/${api}`, { scopes })).status, 200)
  const writer = (await call('POST', 'roles', { name: 'writer' })).body
  await call('POST', `roles/${writer['id']}/permissions`, {
    permissions: [
      { resource_server_identifier: tutorial.api.identifier, permission_name: added },
      { resource_server_identifier: tutorial.api.identifier, permission_name: known },
    ],
  })

  await goTo(page, system.lab, '/roles')
  await page.getByLabel(`Select ${tutorial.role.name}`).check()
  await page.getByLabel('Select writer').check()
  await page.getByRole('region', { name: 'Selection' }).getByRole('link', { name: 'Compare' }).click()
  await expect(page).toHaveURL(/roles\/compare\?a=rol_\w+&b=rol_\w+/)
  const table = page.getByRole('table')
  await expect(table.getByRole('row', { name: added })).toBeVisible()
  await expect(table.getByRole('row', { name: known })).toHaveCount(0)
  await expect(page.getByText('Both hold 1 permission.')).toBeVisible()
  assert.deepEqual(await visitor.accessibilityFlaws(), [])
  const all = page.getByLabel('Show what both hold')
  await all.click()
  await expect(all).toBeChecked()
  await expect(table.getByRole('row', { name: known })).toBeVisible()
  await page.reload()
  await expect(table.getByRole('row', { name: known })).toBeVisible()

  // The permissions of a role are removed together.
  await goTo(page, system.lab, `/roles/${writer['id']}/permissions`)
  await page.getByLabel('Select all on this page').check()
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('2 permissions are removed.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('Undone.', { exact: true })).toBeVisible()
  await expect(page.getByRole('row', { name: added })).toBeVisible()

  const holding = (await call('GET', `roles?name_filter=${tutorial.role.name}`)).body[0]?.['id']
  const asked = new URLSearchParams({ api: tutorial.api.identifier, permission: known })
  for (const [path, name] of [
    ['/roles', 'writer'],
    ['/apis', tutorial.api.identifier],
    ['/applications', 'client_credentials'],
    [`/roles/${holding}/users`, 'admin@example.com'],
    [`/explain/who?${asked}`, 'admin@example.com'],
  ] as const) {
    await goTo(page, system.lab, path)
    for (const format of ['CSV', 'JSON']) {
      const downloading = page.waitForEvent('download')
      await page.getByRole('button', { name: `Export this list as ${format}` }).click()
      const text = await readFile(await (await downloading).path(), 'utf8')
      assert.ok(text.includes(name), `${path} as ${format}: ${text}`)
      assert.doesNotMatch(text, /client_secret"?:|signing_secret/)
      assert.ok(!text.includes(String(system.lab.applications.m2m.client_secret)))
    }
  }
  await page.getByRole('link', { name: 'Show in the list of users' }).click()
  await expect(page).toHaveURL(/users\?api=.*&permission=/)
  await expect(page.getByRole('row', { name: 'admin@example.com' })).toBeVisible()
  await expect(page.getByRole('row', { name: 'member@example.com' })).toHaveCount(0)
  await goTo(page, system.lab, '/roles?sort=permissions:-1')
  await expect(page.getByRole('columnheader', { name: 'Permissions' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  await expect(page.locator('tbody tr').first()).toContainText('owner')
})

test('Undo restores what was removed, and nothing that somebody else has changed since', limit, async () => {
  const { page } = visitor
  const { call } = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, system.lab.users.owner)
  const made = await Promise.all(
    ['kept', 'given up'].map(async (name) => String((await call('POST', 'roles', { name })).body['id'])),
  )
  const [kept, other] = made
  const { body: users } = await call('GET', 'users?q=email:member*')
  const user = encodeURIComponent(String(users[0]?.['user_id']))
  await call('POST', `users/${user}/roles`, { roles: made })
  const names = async (path: string) => (await call('GET', path)).body.map((one) => String(one['name']))
  const undo = page.getByRole('button', { name: 'Undo' })

  // Several roles of a user, of which a second administrator decides about one.
  await goTo(page, system.lab, `/users/${user}/roles`)
  await page.getByLabel('Select all on this page').check()
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(undo).toBeVisible()
  await call('POST', `users/${user}/roles`, { roles: [other] })
  await call('DELETE', `users/${user}/roles`, { roles: [other] })
  await undo.click()
  await expect(page.getByText('Undone in part. Changed or deleted in the meantime')).toContainText(
    'given up.',
  )
  assert.deepEqual(await names(`users/${user}/roles`), ['kept'])
  assert.deepEqual(await visitor.accessibilityFlaws(), [])

  // One role of a user, which somebody else has taken already: it was not this change that took it.
  await goTo(page, system.lab, `/users/${user}/roles`)
  await call('DELETE', `users/${user}/roles`, { roles: [kept] })
  await page.getByRole('button', { name: 'Take kept away' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take away' }).click()
  await undo.click()
  await expect(page.getByText('Nothing to undo: it was so before.')).toBeVisible()
  assert.deepEqual(await names(`users/${user}/roles`), [])

  // The cell of the grid.
  await call('POST', `roles/${kept}/permissions`, {
    permissions: [
      {
        resource_server_identifier: tutorial.api.identifier,
        permission_name: tutorial.permission.value,
      },
    ],
  })
  await goTo(page, system.lab, '/access/grid')
  const cell = page.getByRole('checkbox', { name: `${tutorial.permission.value}, kept`, exact: true })
  await cell.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take away' }).click()
  await expect(cell).not.toBeChecked()
  await undo.click()
  await expect(cell).toBeChecked()
})
