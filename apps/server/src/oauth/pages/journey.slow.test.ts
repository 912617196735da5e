import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { Browser } from '@playwright/test'
import { afterResponseDone } from '../../accounts/after-response.ts'
import { linkIn } from '../../accounts/testing.ts'
import { hashPassword } from '../../crypto/argon2.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { startServer } from '../../testing/server.ts'
import { authorizationRequest, makeTutorial, password } from '../../testing/tutorial.ts'
import { createUser } from '../../users/users.ts'
import { applicationToReturnTo, arrived, launchBrowser } from './testing-browser.ts'

const fresh = 'purple harvester'

/** A server with the tutorial's objects, and an application that people come back to. */
async function open(t: TestContext, kind: (typeof stores)[number], params: Record<string, string> = {}) {
  const server = await startServer(t, kind)
  const { admin } = await makeTutorial(server.ctx)
  const { clientId, callback } = await applicationToReturnTo(t, server.ctx)
  const { url } = authorizationRequest(server, clientId, { redirect_uri: callback, ...params })
  const mails = () => server.ctx.store.db.selectFrom('outbox').selectAll().execute()
  return { ctx: server.ctx, admin, url, mails }
}

describe('In a real browser, without JavaScript', () => {
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser.close())

  for (const kind of stores)
    test(`a forgotten password is replaced through the mail, and the log-in goes on (${kind.name})`, async (t) => {
      const { ctx, admin, url, mails } = await open(t, kind)
      const context = await browser.newContext({ javaScriptEnabled: false })
      t.after(() => context.close())
      const page = await context.newPage()
      await page.goto(url)

      await page.getByRole('link', { name: 'Forgot password?' }).click()
      await page.getByLabel('Email address').fill(admin.email)
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByRole('heading', { name: 'Ask an administrator for the link' }).waitFor()
      await afterResponseDone(ctx)
      const [mail] = await mails()

      const mailed = await context.newPage()
      await mailed.goto(linkIn(mail).href)
      await mailed.getByLabel('New password').fill('password123')
      await mailed.getByRole('button', { name: 'Change password' }).click()
      await mailed.getByRole('alert').getByText('most common').waitFor()
      await mailed.getByLabel('New password').fill(fresh)
      await mailed.getByRole('button', { name: 'Change password' }).click()
      await mailed.getByRole('heading', { name: 'Password changed' }).waitFor()

      await page.getByRole('link', { name: 'Back to log in' }).click()
      await page.getByLabel('Email address').fill(admin.email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').getByText('Wrong email or password.').waitFor()
      await page.getByLabel('Password').fill(fresh)
      await page.getByRole('button', { name: 'Continue' }).click()
      await arrived(page)
      assert.ok(new URL(page.url()).searchParams.get('code'))
    })

  for (const email of ['jürgen@example.com', '用户@example.com', 'a@ex_ample.com', 'a@bücher.example'])
    test(`who has an account can log in: ${email}`, async (t) => {
      const [kind] = stores
      assert.ok(kind)
      const { ctx, url } = await open(t, kind)
      const connection = 'Username-Password-Authentication'
      await transaction(ctx, async (tx) =>
        createUser(tx, { connection, email, passwordHash: await hashPassword(password) }),
      )
      const context = await browser.newContext({ javaScriptEnabled: false })
      t.after(() => context.close())
      const page = await context.newPage()

      await page.goto(url)
      await page.getByRole('link', { name: 'Forgot password?' }).click()
      await page.getByLabel('Email address').fill(email)
      await page.getByRole('button', { name: 'Send the link' }).click()
      await page.getByText(email).waitFor()
      await afterResponseDone(ctx)
      await page.getByRole('link', { name: 'Back to log in' }).click()

      await page.getByLabel('Email address').fill(email)
      await page.getByLabel('Password').fill('not the password')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').getByText('Wrong email or password.').waitFor()
      assert.equal(await page.getByLabel('Email address').inputValue(), email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Continue' }).click()
      await arrived(page)
    })

  for (const email of ['not an address', 'a@b', 'jürgen@example.com'])
    test(`sign-up leaves it to the server what an address is: ${email}`, async (t) => {
      const [kind] = stores
      assert.ok(kind)
      const { url } = await open(t, kind, { screen_hint: 'signup' })
      const context = await browser.newContext({ javaScriptEnabled: false })
      t.after(() => context.close())
      const page = await context.newPage()
      await page.goto(url)
      await page.getByLabel('Email address').fill(email)
      await page.getByLabel('Password').fill(fresh)
      const answer = page.waitForResponse((response) => response.request().method() === 'POST')
      await page.getByRole('button', { name: 'Create account' }).click()
      assert.ok([303, 400].includes((await answer).status()))
    })

  test('a new account signs up, goes on at once, and confirms its address from the mail', async (t) => {
    const [kind] = stores
    assert.ok(kind)
    const { url, mails } = await open(t, kind, { screen_hint: 'signup' })
    const context = await browser.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    const page = await context.newPage()
    await page.goto(url)
    await page.getByLabel('Email address').fill('rosalind@example.com')
    await page.getByLabel('Password').fill(fresh)
    await page.getByRole('button', { name: 'Create account' }).click()
    await arrived(page)

    const [mail] = await mails()
    await page.goto(linkIn(mail).href)
    await page.getByLabel('Password').fill(fresh)
    await page.getByRole('button', { name: 'Confirm address' }).click()
    await page.getByText('rosalind@example.com is confirmed.').waitFor()
  })
})
