import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from '@playwright/test'
import { stores } from '../../store/testing.ts'
import { startServer } from '../../testing/server.ts'
import { makeTutorial, password } from '../../testing/tutorial.ts'
import { launchBrowser } from '../pages/testing-browser.ts'

describe('Security keys and passkeys on the account page, in a real browser with a virtual authenticator', () => {
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser.close())

  /** A page of a browser that has an authenticator, which a person touches, and which checks their PIN. */
  async function open(t: TestContext, transport: 'internal' | 'usb') {
    const [kind] = stores
    assert.ok(kind)
    const server = await startServer(t, kind, { issuerHost: 'localhost' })
    const { member } = await makeTutorial(server.ctx)
    const context = await browser.newContext({ colorScheme: 'dark', viewport: { width: 390, height: 800 } })
    t.after(() => context.close())
    const page = await context.newPage()
    const devTools = await context.newCDPSession(page)
    await devTools.send('WebAuthn.enable')
    await devTools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport,
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    })
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    t.after(() => assert.deepEqual(complaints, []))
    return { server, member, page, account: `${server.issuer}account` }
  }

  async function logIn(page: Page, email: string): Promise<void> {
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
  }

  async function isAccessible(page: Page): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    assert.deepEqual(
      violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      [],
    )
  }

  test('a member adds a passkey by keyboard, logs in with it alone, and removes it', {
    timeout: 120_000,
  }, async (t) => {
    const { member, page, account } = await open(t, 'internal')
    await page.goto(account)
    await logIn(page, member.email)
    await page.getByRole('link', { name: 'Add a passkey' }).press('Enter')
    const name = page.getByLabel('Name (optional)')
    await name.waitFor()
    await isAccessible(page)
    await name.fill('Laptop')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('It was added').waitFor()
    await page.getByText('Laptop').waitFor()
    await isAccessible(page)

    await page.getByRole('link', { name: 'Log Out' }).press('Enter')
    await page.getByRole('heading', { name: 'You are logged out' }).waitFor()
    await page.goto(account)
    // The authenticator picks the passkey from the suggestions of the address field.
    await page.getByText(`Logged in as ${member.email}`).waitFor()
    await page.getByRole('link', { name: 'Rename or remove: Laptop' }).press('Enter')
    await page.getByRole('heading', { name: 'Laptop' }).waitFor()
    await isAccessible(page)
    await page.getByRole('button', { name: 'Remove Laptop' }).press('Enter')
    await page.getByRole('status').getByText('It was removed').waitFor()
  })

  test('a member adds a security key, and is asked for it after the password', {
    timeout: 120_000,
  }, async (t) => {
    const { member, page, account } = await open(t, 'usb')
    await page.goto(account)
    await logIn(page, member.email)
    await page.getByRole('link', { name: 'Add a security key' }).press('Enter')
    await page.getByRole('button', { name: 'Add the key' }).press('Enter')
    await page.getByRole('heading', { name: 'Second factor added' }).waitFor()
    assert.equal(await page.locator('.codes code').count(), 8)
    await page.getByRole('link', { name: 'Done: I have kept them' }).press('Enter')
    await page.getByText('Recovery codes: 8 left').waitFor()
    await page.getByRole('link', { name: 'Log Out' }).press('Enter')
    await page.getByRole('heading', { name: 'You are logged out' }).waitFor()

    await page.goto(account)
    await logIn(page, member.email)
    await page.getByRole('heading', { name: /security key/i }).waitFor()
    await isAccessible(page)
    await page.locator('form[data-key] button').press('Enter')
    await page.getByText(`Logged in as ${member.email}`).waitFor()
  })
})
