/** What the client shows while a part of the system is down and after it is back. */
import { test } from 'node:test'
import {
  atPage,
  atProfileOf,
  expectMessage,
  granted,
  logIn,
  openAdminPage,
  submitCredentials,
} from './client.ts'
import { useSystem } from './system.ts'
import { expect, useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test('while the API is down the admin page says so, and a retry works once it is back', limit, async () => {
  const { page } = visitor
  const { client_url, api_url, users } = system.lab
  await logIn(page, client_url, users.admin)
  await system.stop()
  await openAdminPage(page)
  const alert = page.getByRole('region', { name: 'Admin Message' }).getByRole('alert')
  await expect(alert).toContainText('Network error: the API server does not answer')
  await expect(alert).toContainText(api_url)
  await system.start()
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expectMessage(page, 'Admin Message', granted)
})

test(
  'while the authorization server is down the client says so instead of redirecting to it',
  limit,
  async () => {
    const { page } = visitor
    const { client_url, users } = system.lab
    await page.goto(client_url)
    await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
    await system.stop()
    const alert = page.getByRole('alert')
    for (const button of ['Log In', 'Sign Up']) {
      await page.getByRole('button', { name: button }).click()
      await expect(alert).toContainText('Network error: the authorization server does not answer')
    }
    await page.getByRole('link', { name: 'Profile' }).click()
    await atPage(page, 'Log in to see this page')
    await expect(alert).toContainText('Network error: the authorization server does not answer')
    await system.start()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await submitCredentials(page, users.member)
    await atProfileOf(page, users.member)
  },
)

test('a session survives a restart of the system', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  await logIn(page, client_url, users.admin)
  await system.stop()
  await system.start()
  await page.reload()
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
})
