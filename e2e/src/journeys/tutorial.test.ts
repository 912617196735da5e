/** The tutorial: users log in and read the messages that their roles allow. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import {
  atPage,
  atProfileOf,
  expectMessage,
  granted,
  logIn,
  logOut,
  openAdminPage,
  refused,
  submitCredentials,
} from './client.ts'
import { changeRole } from './management.ts'
import { useSystem } from './system.ts'
import { expect, useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test(
  'a user without the role is refused the admin message, and the page shows the API’s answer',
  limit,
  async () => {
    const { page } = visitor
    const { client_url, users } = system.lab
    await logIn(page, client_url, users.member)
    await openAdminPage(page)
    await expectMessage(page, 'Admin Message', refused)
    await expect(page.getByRole('region', { name: 'Admin Message' }).getByText('403')).toBeVisible()
    await page.getByRole('link', { name: 'Protected' }).click()
    await expectMessage(page, 'Protected Message', tutorial.messages.protected)
  },
)

test('a user with the role reads the admin message', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  await logIn(page, client_url, users.admin)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
})

test('Sign Up creates an account, shows its profile, and the account can log in again', limit, async () => {
  const { page } = visitor
  const { client_url } = system.lab
  const newcomer = { email: 'newcomer@example.com', password: 'a lantern on the 3rd bridge' }
  await page.goto(client_url)
  await page.getByRole('button', { name: 'Sign Up' }).click()
  await atPage(page, 'Sign Up')
  await submitCredentials(page, newcomer)
  await atProfileOf(page, newcomer)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', refused)
  await logOut(page, client_url)
  await logIn(page, client_url, newcomer)
})

test(
  'a refused sign-up says what the password lacks and keeps the address that was typed',
  limit,
  async () => {
    const { page } = visitor
    await page.goto(system.lab.client_url)
    await page.getByRole('button', { name: 'Sign Up' }).click()
    await submitCredentials(page, { email: 'somebody@example.com', password: 'short' })
    await expect(page.getByRole('alert')).toHaveText('Choose a password that keeps the rules below.')
    await expect(page.getByLabel('Email address')).toHaveValue('somebody@example.com')
    await expect(page.getByLabel('Password')).toBeFocused()
  },
)

test('a wrong password and an unknown address get the same message', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  const told: string[] = []
  for (const email of [users.member.email, 'nobody@example.com']) {
    await page.goto(client_url)
    await page.getByRole('button', { name: 'Log In' }).click()
    await atPage(page, 'Log In')
    await submitCredentials(page, { email, password: 'not the password' })
    await expect(page.getByRole('alert')).toHaveText('Wrong email or password.')
    await expect(page.getByLabel('Email address')).toHaveValue(email)
    await expect(page.getByLabel('Password')).toHaveValue('')
    told.push((await page.getByRole('main').innerText()).replace(email, ''))
  }
  assert.equal(told[0], told[1])
})

test('after a wrong password the right one continues to the requested page', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  await page.goto(`${client_url}/protected`)
  await submitCredentials(page, { ...users.member, password: 'not the password' })
  await expect(page.getByRole('alert')).toBeVisible()
  await submitCredentials(page, users.member)
  await expectMessage(page, 'Protected Message', tutorial.messages.protected)
})

test('a second user can log in with the same browser after the first has logged out', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  await logIn(page, client_url, users.member)
  await logOut(page, client_url)
  await logIn(page, client_url, users.admin)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
})

test('a second user who logs in without a log-out replaces the session of the first', limit, async () => {
  const { page, context } = visitor
  const { client_url, users } = system.lab
  await logIn(page, client_url, users.admin)
  // Clears the client's state only: the next log-in finds the session of the first user.
  await context.clearCookies({ name: /auth0\./ })
  const second = await context.newPage()
  await logIn(second, client_url, users.member)
  await openAdminPage(second)
  await expectMessage(second, 'Admin Message', refused)
  await page.reload()
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', refused)
})

test('removing and assigning a role takes effect with the next token', limit, async (t) => {
  const { page } = visitor
  const { lab } = system
  const { email } = lab.users.admin
  await logIn(page, lab.client_url, lab.users.admin)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
  t.after(() => changeRole(lab, email, 'POST'))
  await changeRole(lab, email, 'DELETE')
  await page.reload()
  await expectMessage(page, 'Admin Message', refused)
  await changeRole(lab, email, 'POST')
  await page.reload()
  await expectMessage(page, 'Admin Message', granted)
})
