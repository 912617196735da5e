/** The session of a client that renews with refresh tokens, stored in localStorage. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page, Request } from '@playwright/test'
import {
  atPage,
  dropServerCookies,
  expectMessage,
  granted,
  logIn,
  logOut,
  openAdminPage,
  refused,
  reloadWithExpiredToken,
} from './client.ts'
import { changeRole } from './management.ts'
import { useSystem } from './system.ts'
import { useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem({ VITE_AUTH0_USE_REFRESH_TOKENS: 'true' })
const visitor = useVisitor()

test('a reload with an expired token uses the refresh token and no iframe', limit, async () => {
  const { page } = visitor
  await logInAsAdmin(page)
  const before = await refreshTokenOf(page)
  assert.ok(before)
  const requests = requestsTo(page, system.lab.issuer)
  await reloadWithExpiredToken(page)
  await expectMessage(page, 'Admin Message', granted)
  const asked = requests.map((request) => `${request.method()} ${new URL(request.url()).pathname}`)
  assert.deepEqual(asked, ['POST /oauth/token'])
  assert.equal(new URLSearchParams(requests[0]?.postData() ?? '').get('grant_type'), 'refresh_token')
  assert.notEqual(await refreshTokenOf(page), before, 'each refresh token is good once')
})

test('a reload before the token expires sends no request to the authorization server', limit, async () => {
  const { page } = visitor
  await logInAsAdmin(page)
  const requests = requestsTo(page, system.lab.issuer)
  await page.reload()
  await expectMessage(page, 'Admin Message', granted)
  assert.deepEqual(requests, [])
})

test('the refresh token works without the cookies of the authorization server', limit, async () => {
  const { page, context } = visitor
  await logInAsAdmin(page)
  await dropServerCookies(context)
  await reloadWithExpiredToken(page)
  await expectMessage(page, 'Admin Message', granted)
})

test('reuse of a stolen refresh token ends every token of its family', limit, async () => {
  const { page } = visitor
  const { issuer, applications } = system.lab
  await logInAsAdmin(page)
  const stolen = await refreshTokenOf(page)
  const asThief = () =>
    fetch(`${issuer}oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: applications.spa.client_id,
        refresh_token: stolen,
      }),
    })
  assert.equal((await asThief()).status, 200)
  const refusal = page.waitForResponse((response) => response.url() === `${issuer}oauth/token`)
  await reloadWithExpiredToken(page)
  assert.equal((await refusal).status(), 403)
  // The client falls back to its session and gets tokens of a new family.
  await expectMessage(page, 'Admin Message', granted)
  assert.equal((await asThief()).status, 403)
})

test('removing and assigning a role takes effect with the next token', limit, async (t) => {
  const { page } = visitor
  const { lab } = system
  const { email } = lab.users.admin
  await logInAsAdmin(page)
  t.after(() => changeRole(lab, email, 'POST'))
  await changeRole(lab, email, 'DELETE')
  await reloadWithExpiredToken(page)
  await expectMessage(page, 'Admin Message', refused)
  await changeRole(lab, email, 'POST')
  await reloadWithExpiredToken(page)
  await expectMessage(page, 'Admin Message', granted)
})

test('logging out removes every token from the browser', limit, async () => {
  const { page } = visitor
  await logInAsAdmin(page)
  await logOut(page, system.lab.client_url)
  assert.equal(await page.evaluate(() => localStorage.length), 0)
  await page.goto(`${system.lab.client_url}/admin`)
  await atPage(page, 'Log In')
})

test('without that setting the client is rebuilt and stores no token', limit, async () => {
  const { page } = visitor
  await system.stop()
  await system.start({ VITE_AUTH0_USE_REFRESH_TOKENS: 'false' })
  await logInAsAdmin(page)
  assert.equal(await refreshTokenOf(page), '')
})

async function logInAsAdmin(page: Page): Promise<void> {
  const { client_url, users } = system.lab
  await logIn(page, client_url, users.admin)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
}

function requestsTo(page: Page, issuer: string): Request[] {
  const requests: Request[] = []
  page.on('request', (request) => {
    if (request.url().startsWith(issuer)) requests.push(request)
  })
  return requests
}

/** An entry as the SDK stores it. */
interface Kept {
  body?: { refresh_token?: string }
}

async function refreshTokenOf(page: Page): Promise<string> {
  const entries = await page.evaluate(() =>
    Object.keys(localStorage).map((key) => localStorage.getItem(key) ?? ''),
  )
  const tokens = entries.map((entry) => (JSON.parse(entry) as Kept).body?.refresh_token)
  return tokens.find((token) => token !== undefined) ?? ''
}
