/** The last step of the tutorial: calling the API as a user, who logs in for it. */
import { test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { type Person, submitCredentials } from '../journeys/client.ts'
import { useSystem } from '../journeys/system.ts'
import { expect, useVisitor } from '../journeys/visitor.ts'
import { openDashboard } from './dashboard.ts'
import { withTokenOf } from './management.ts'

const system = useSystem()
const visitor = useVisitor()

test('the API answers 403 to the member and 200 to the admin', {
  timeout: 120_000,
}, async () => {
  const { page } = visitor
  const { users, api_url } = system.lab
  const { call } = withTokenOf(page, system.lab.issuer)
  await openDashboard(page, system.lab, users.owner, '/get-started')
  await page.getByLabel('Address', { exact: true }).fill(`${api_url}${tutorial.routes.admin}`)
  const callAs = async (person: Person) => {
    await page.getByLabel('User', { exact: true }).last().selectOption(person.email)
    const opened = page.waitForEvent('popup')
    await page.getByRole('button', { name: 'Log in and call' }).click()
    const popup = await opened
    await popup.getByLabel('Password').waitFor()
    await expect(popup.getByLabel('Email address')).toHaveValue(person.email)
    await submitCredentials(popup, person)
  }
  const shown = (title: string) => page.getByRole('figure', { name: title, exact: true }).locator('pre')

  await callAs(users.member)
  await expect(page.getByText('Answer 403')).toBeVisible()
  await expect(shown('Body')).toHaveText('{"message":"Permission denied"}')
  await expect(shown('Token, decoded')).toContainText('"permissions": []')

  await callAs(users.admin)
  await expect(page.getByText('Answer 200')).toBeVisible()
  await expect(shown('Body')).toHaveText('{"text":"This is an admin message."}')
  await expect(shown('Token, decoded')).toContainText('"read:admin-messages"')

  // The page still belongs to the owner's session.
  await page.getByRole('link', { name: 'Settings' }).first().click()
  await expect(page.getByRole('button', { name: 'Save changes' })).toBeVisible()

  // When the owner's session ends, the page does not go on as the user who logged in last.
  const [owner] = (await call('GET', `users?q=${encodeURIComponent(`email:"${users.owner.email}"`)}`)).body
  await call('DELETE', `users/${encodeURIComponent(String(owner?.['user_id']))}/sessions`)
  await page.getByRole('link', { name: 'Roles' }).first().click()
  await expect(page.getByRole('heading', { name: 'This account may not use the dashboard' })).toBeVisible()
  await expect(page.getByText(users.admin.email)).toBeVisible()
})

test('the API tab gets a token for the reader without a prompt', { timeout: 120_000 }, async () => {
  const { page } = visitor
  await openDashboard(page, system.lab, system.lab.users.owner, '/apis')
  await page.getByRole('link', { name: tutorial.api.name }).click()
  await page.getByRole('link', { name: 'Test', exact: true }).click()
  await page.getByRole('button', { name: 'Get a token' }).click()
  const payload = page.getByRole('figure', { name: 'What it says' }).locator('pre')
  await expect(payload).toContainText(system.lab.audience)
})
