/** Accessibility of every page: keyboard, screen reader, dark mode and small screens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator } from '@playwright/test'
import { tutorial } from '@rolecall/server/tutorial'
import {
  atPage,
  atProfileOf,
  expectMessage,
  granted,
  logIn,
  openAdminPage,
  refused,
  submitCredentials,
} from './client.ts'
import { useSystem } from './system.ts'
import { expect, useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

/** Presses Tab until the element has the focus. */
async function tabTo(target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let presses = 0; presses < 20; presses++) {
    if ((await target.and(visitor.page.locator(':focus')).count()) > 0) return
    await visitor.page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}

test(
  'logging in, reading the admin message and logging out work with the keyboard alone',
  limit,
  async () => {
    const { page } = visitor
    const { client_url, users } = system.lab
    const { keyboard } = page
    await page.goto(client_url)
    await tabTo(page.getByRole('button', { name: 'Log In' }))
    await keyboard.press('Enter')
    await expect(page.getByLabel('Email address')).toBeFocused()
    await keyboard.type(users.admin.email)
    await keyboard.press('Tab')
    await keyboard.type('not the password')
    await keyboard.press('Enter')
    await expect(page.getByRole('alert')).toHaveText('Wrong email or password.')
    await expect(page.getByLabel('Password')).toBeFocused()
    await keyboard.type(users.admin.password)
    await keyboard.press('Enter')
    await atProfileOf(page, users.admin)
    await tabTo(page.getByRole('link', { name: 'Admin' }))
    await keyboard.press('Enter')
    await expectMessage(page, 'Admin Message', granted)
    await tabTo(page.getByRole('button', { name: 'Log Out' }))
    await keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
  },
)

test('signing up works with the keyboard alone', limit, async () => {
  const { page } = visitor
  const { keyboard } = page
  await page.goto(system.lab.client_url)
  await tabTo(page.getByRole('button', { name: 'Sign Up' }))
  await keyboard.press('Enter')
  await atPage(page, 'Sign Up')
  await tabTo(page.getByRole('link', { name: 'Log in' }))
  await keyboard.press('Enter')
  await atPage(page, 'Log In')
  await tabTo(page.getByRole('link', { name: 'Sign up' }))
  await keyboard.press('Enter')
  await atPage(page, 'Sign Up')
  await expect(page.getByLabel('Email address')).toBeFocused()
  await keyboard.type('typist@example.com')
  await keyboard.press('Tab')
  await keyboard.type('a lantern on the 3rd bridge')
  await tabTo(page.getByRole('button', { name: 'Create account' }))
  await keyboard.press('Space')
  await atProfileOf(page, { email: 'typist@example.com' })
})

test('axe finds no violation, light or dark, and no page is wider than 320 pixels', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  const seen: string[] = []
  const look = async (name: string) => {
    seen.push(name)
    assert.deepEqual(await visitor.accessibilityFlaws(), [], name)
    assert.deepEqual(await visitor.darkColorFlaws(), [], `${name} in dark colours`)
    assert.equal(await page.locator('html').evaluate((html) => html.scrollWidth), 320, name)
  }
  await page.setViewportSize({ width: 320, height: 640 })

  await page.goto(client_url)
  await page.getByRole('button', { name: 'Sign Up' }).click()
  await atPage(page, 'Sign Up')
  await look('sign up')
  await submitCredentials(page, { email: 'somebody@example.com', password: 'short' })
  await expect(page.getByRole('alert')).toBeVisible()
  await look('sign up, refused')

  await page.goto(client_url)
  await page.getByRole('button', { name: 'Log In' }).click()
  await atPage(page, 'Log In')
  await look('log in')
  await submitCredentials(page, { ...users.member, password: 'not the password' })
  await expect(page.getByRole('alert')).toBeVisible()
  await look('log in, refused')

  await logIn(page, client_url, users.admin)
  await look('profile')
  await page.getByRole('link', { name: 'Public' }).click()
  await expectMessage(page, 'Public Message', tutorial.messages.public)
  await look('public')
  await page.getByRole('link', { name: 'Protected' }).click()
  await expectMessage(page, 'Protected Message', tutorial.messages.protected)
  await look('protected')
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
  await look('admin, granted')
  await page.goto(`${client_url}/no/such/page`)
  await expect(page.getByRole('button', { name: 'Log Out' })).toBeVisible()
  await look('not found')

  await page.getByRole('button', { name: 'Log Out' }).click()
  await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
  await look('start')
  await logIn(page, client_url, users.member)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', refused)
  await look('admin, refused')
  assert.equal(seen.length, 11)
})
