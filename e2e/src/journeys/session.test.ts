/** The session of the client with its default, renewal of tokens in a hidden iframe. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from '@playwright/test'
import { authorizationRequest } from '@rolecall/server/test-kit'
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
import { useSystem } from './system.ts'
import { expect, useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test('a reload keeps the session: the iframe gets new tokens without a prompt', limit, async () => {
  const { page } = visitor
  const { client_url, issuer, users } = system.lab
  await logIn(page, client_url, users.admin)
  await openAdminPage(page)
  await expectMessage(page, 'Admin Message', granted)
  const silent = page.waitForRequest((request) => request.url().startsWith(`${issuer}authorize?`))
  await page.reload()
  await expectMessage(page, 'Admin Message', granted)
  const { prompt, response_mode } = Object.fromEntries(new URL((await silent).url()).searchParams)
  assert.deepEqual({ prompt, response_mode }, { prompt: 'none', response_mode: 'web_message' })
  assert.notEqual((await silent).frame(), page.mainFrame())
})

test('another tab of the same browser is logged in', limit, async () => {
  const { page, context } = visitor
  const { client_url, users } = system.lab
  await logIn(page, client_url, users.member)
  const other = await context.newPage()
  await other.goto(`${client_url}/profile`)
  await atProfileOf(other, users.member)
})

test('a guarded page opens without the log-in page after a log-in in another tab', limit, async () => {
  const { page, context } = visitor
  const { client_url, users } = system.lab
  const other = await context.newPage()
  await other.goto(`${client_url}/public`)
  await expect(other.getByRole('button', { name: 'Log In' })).toBeVisible()
  await logIn(page, client_url, users.member)
  await other.getByRole('link', { name: 'Profile' }).click()
  await atProfileOf(other, users.member)
})

test('the Log In button shows the log-in page although a session exists', limit, async () => {
  const { page, context } = visitor
  const { client_url, users } = system.lab
  const other = await context.newPage()
  await other.goto(`${client_url}/public`)
  await expect(other.getByRole('button', { name: 'Log In' })).toBeVisible()
  await logIn(page, client_url, users.member)
  await other.getByRole('button', { name: 'Log In' }).click()
  await atPage(other, 'Log In')
})

test(
  'logging out ends the session at the authorization server and returns to the start page',
  limit,
  async () => {
    const { page } = visitor
    const { client_url, users } = system.lab
    await logIn(page, client_url, users.admin)
    assert.ok((await askSilently()).has('code'))
    await logOut(page, client_url)
    assert.equal((await askSilently()).get('error'), 'login_required')
    await page.reload()
    await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
    await expect(page.getByRole('link', { name: 'Admin' })).toHaveCount(0)
  },
)

/** What the authorization server answers to `prompt=none` with the cookies of this browser. */
async function askSilently(): Promise<URLSearchParams> {
  const { issuer, client_url, applications } = system.lab
  const { url } = authorizationRequest({ issuer }, applications.spa.client_id, {
    prompt: 'none',
    redirect_uri: `${client_url}/callback`,
  })
  const answer = await visitor.context.request.get(url, { maxRedirects: 0 })
  return new URL(answer.headers()['location'] ?? '', issuer).searchParams
}

for (const [path, title, message] of [
  ['/profile', 'Decoded ID Token', undefined],
  ['/protected', 'Protected Message', tutorial.messages.protected],
  ['/admin', 'Admin Message', refused],
] as const) {
  test(`${path} sends a visitor to log in and back, and calls the API only afterwards`, limit, async () => {
    const { page } = visitor
    const { client_url, api_url, users } = system.lab
    const asked: Request[] = []
    page.on('request', (request) => request.url().startsWith(api_url) && asked.push(request))
    await page.goto(`${client_url}${path}`)
    await atPage(page, 'Log In')
    assert.deepEqual(asked, [])
    await submitCredentials(page, users.member)
    await expect(page.getByRole('region', { name: title })).toBeVisible()
    assert.equal(page.url(), `${client_url}${path}`)
    if (message) await expectMessage(page, title, message)
  })
}

test('going back from the log-in page returns to the page before it', limit, async () => {
  const { page } = visitor
  const { client_url } = system.lab
  await page.goto(`${client_url}/public`)
  await page.getByRole('button', { name: 'Log In' }).click()
  await atPage(page, 'Log In')
  await page.goBack()
  await expectMessage(page, 'Public Message', tutorial.messages.public)
  await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
})
