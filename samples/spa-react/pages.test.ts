/** The pages of the client in a real browser, without a session. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { expect } from '@playwright/test'
import { useBrowser } from './test/browser.ts'
import { startBuiltClient } from './test/built-client.ts'
import { startLoopbackServer } from './test/loopback-server.ts'

const visitor = useBrowser()
const buttons = () => visitor.page.getByRole('banner').getByRole('button').allTextContents()
const tabs = () => visitor.page.getByRole('navigation').getByRole('link').allTextContents()

let client: Awaited<ReturnType<typeof startBuiltClient>>
let api: Awaited<ReturnType<typeof startLoopbackServer>>
let authorizationServer: Awaited<ReturnType<typeof startLoopbackServer>>
let answer = { status: 200, body: '' }
let authorizationHeaders: (string | undefined)[] = []

before(async () => {
  api = await startLoopbackServer((request, response) => {
    authorizationHeaders.push(request.headers.authorization)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
  authorizationServer = await startLoopbackServer((_request, response) => response.end('{}'))
  client = await startBuiltClient({
    VITE_AUTH0_DOMAIN: authorizationServer.origin,
    VITE_AUTH0_CLIENT_ID: 'a1b2c3',
    VITE_AUTH0_AUDIENCE: 'https://hello-world.example.com',
    VITE_API_SERVER_URL: api.origin,
  })
})

after(() => Promise.all([client.stop(), api.stop(), authorizationServer.stop()]))

beforeEach(() => {
  answer = { status: 200, body: '{"text":"This is a public message."}' }
  authorizationHeaders = []
})

const open = (path: string) => visitor.page.goto(client.origin + path)

test('the build prints no warning', () => {
  assert.doesNotMatch(client.terminal, /not configured|warning/i)
})

test('a visitor finds the tabs Profile and Public and the buttons Sign Up and Log In', async () => {
  const { page } = visitor
  await open('/')
  await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
  assert.deepEqual(await buttons(), ['Sign Up', 'Log In'])
  assert.deepEqual(await tabs(), ['Profile', 'Public'])
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello, React world!')
  assert.deepEqual(visitor.complaints, [])
})

test('the public page sends no token and shows the JSON of the response', async () => {
  const { page } = visitor
  await open('/')
  await page.getByRole('link', { name: 'Public' }).click()
  await expect(page).toHaveTitle('Public Page · Rolecall Hello World')
  const block = page.getByRole('region', { name: 'Public Message' })
  await expect(block.locator('pre')).toHaveText('{ "text": "This is a public message." }')
  assert.deepEqual(JSON.parse((await block.locator('pre').textContent()) ?? ''), {
    text: 'This is a public message.',
  })
  assert.deepEqual(new Set(authorizationHeaders), new Set([undefined]))
  assert.deepEqual(visitor.complaints, [])
})

test('a refusal is shown unchanged, with its status', async () => {
  const { page } = visitor
  answer = { status: 403, body: '{"message":"Permission denied"}' }
  await open('/public')
  const block = page.getByRole('region', { name: 'Public Message' })
  await expect(block.locator('pre')).toHaveText('{ "message": "Permission denied" }')
  await expect(block.getByText('403')).toBeVisible()
})

test('a response is shown as text, never as markup', async () => {
  const { page } = visitor
  answer = { status: 200, body: '{"text":"<img src=x onerror=alert(1)> \\"quoted\\": 1"}' }
  await open('/public')
  const block = page.getByRole('region', { name: 'Public Message' })
  await expect(block.locator('pre')).toContainText(String.raw`<img src=x onerror=alert(1)> \"quoted\": 1`)
  await expect(block.locator('img')).toHaveCount(0)
})

test('a response that is not JSON has its own error', async () => {
  const { page } = visitor
  answer = { status: 502, body: '<h1>Bad Gateway</h1>' }
  await open('/public')
  await expect(page.getByRole('alert')).toContainText('answered with status 502, but not in JSON')
})

test('while the API is down the page says so, and a retry works once it is back', async () => {
  const { page } = visitor
  await api.stop()
  try {
    await open('/public')
    const alert = page.getByRole('region', { name: 'Public Message' }).getByRole('alert')
    await expect(alert).toContainText('Network error: the API server does not answer')
    await expect(alert).toContainText(api.origin)
  } finally {
    await api.start()
  }
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.locator('pre')).toContainText('This is a public message.')
})

test('Log In requests a code with PKCE for the API, with prompt=login', async () => {
  const { page } = visitor
  await open('/')
  await page.getByRole('button', { name: 'Log In' }).click()
  await page.waitForURL(`${authorizationServer.origin}/authorize?*`)
  const { state, nonce, code_challenge, auth0Client, ...query } = Object.fromEntries(
    new URL(page.url()).searchParams,
  )
  assert.deepEqual(query, {
    client_id: 'a1b2c3',
    scope: 'openid profile email',
    redirect_uri: `${client.origin}/callback`,
    audience: 'https://hello-world.example.com',
    prompt: 'login',
    response_type: 'code',
    response_mode: 'query',
    code_challenge_method: 'S256',
  })
  for (const value of [state, nonce, code_challenge, auth0Client]) assert(value)
})

test('Sign Up also requests the sign-up form', async () => {
  const { page } = visitor
  await open('/')
  await page.getByRole('button', { name: 'Sign Up' }).click()
  await page.waitForURL(`${authorizationServer.origin}/authorize?*`)
  const query = new URL(page.url()).searchParams
  assert.equal(query.get('screen_hint'), 'signup')
  assert.equal(query.get('prompt'), 'login')
})

for (const path of ['/profile', '/protected', '/admin']) {
  test(`${path} sends a visitor to log in without calling the API`, async () => {
    const { page } = visitor
    await open(path)
    await page.waitForURL(`${authorizationServer.origin}/authorize?*`)
    assert.equal(new URL(page.url()).searchParams.has('prompt'), false, 'a session may answer')
    assert.deepEqual(authorizationHeaders, [])
  })
}

test('while the authorization server is down a guarded page says so instead of redirecting', async () => {
  const { page } = visitor
  await authorizationServer.stop()
  try {
    await open('/admin')
    await expect(page.getByRole('alert')).toContainText(
      'Network error: the authorization server does not answer',
    )
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Log in to see this page')
    assert.equal(page.url(), `${client.origin}/admin`)
  } finally {
    await authorizationServer.start()
  }
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.waitForURL(`${authorizationServer.origin}/authorize?*`)
})

test('a callback for a log-in that was not started here shows an explanation', async () => {
  const { page } = visitor
  await open('/callback?code=x&state=y')
  await expect(page.getByRole('alert')).toContainText('This log-in was not begun here')
})

test('a log-in that the visitor cancelled is explained', async () => {
  const { page } = visitor
  await open('/')
  await page.getByRole('button', { name: 'Log In' }).click()
  await page.waitForURL(`${authorizationServer.origin}/authorize?*`)
  const state = new URL(page.url()).searchParams.get('state') ?? ''
  const refusal = { error: 'access_denied', error_description: 'User did not authorize the request', state }
  await open(`/callback?${new URLSearchParams(refusal)}`)
  await expect(page.getByRole('alert')).toContainText('The log-in was cancelled')
})

test('the error description of the authorization server is shown', async () => {
  const { page } = visitor
  await open('/')
  await page.getByRole('button', { name: 'Log In' }).click()
  await page.waitForURL(`${authorizationServer.origin}/authorize?*`)
  const state = new URL(page.url()).searchParams.get('state') ?? ''
  const refusal = { error: 'access_denied', error_description: 'Service not found: nothing', state }
  await open(`/callback?${new URLSearchParams(refusal)}`)
  await expect(page.getByRole('alert')).toContainText('Service not found: nothing')
})

test('the callback page without parameters leads to the start page', async () => {
  const { page } = visitor
  await open('/callback')
  await page.waitForURL(`${client.origin}/`)
})

test('an unknown address says Not Found and leads back', async () => {
  const { page } = visitor
  await open('/no/such/page')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not Found')
  await page.getByRole('link', { name: 'Go to the start page' }).click()
  assert.equal(page.url(), `${client.origin}/`)
})

test('at another origin than that of its callback, the client links to its own', async () => {
  const { page } = visitor
  await page.goto(`${client.origin.replace('localhost', '127.0.0.1')}/public`)
  await page.getByRole('link', { name: `Go to ${client.origin}` }).click()
  await expect(page.locator('pre')).toContainText('This is a public message.')
})

test('the first Tab reaches the link to the content, and a new page gets the focus', async () => {
  const { page } = visitor
  await open('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.getByRole('link', { name: 'Public' }).press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})

test('no page is wider than 320 px', async () => {
  const { page } = visitor
  await page.setViewportSize({ width: 320, height: 640 })
  for (const path of ['/', '/public', '/no/such/page', '/callback?code=x&state=y']) {
    await open(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, path)
  }
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violation, ${colorScheme}`, async () => {
    const { page } = visitor
    await page.emulateMedia({ colorScheme })
    for (const path of ['/', '/public', '/no/such/page', '/callback?code=x&state=y']) {
      await open(path)
      await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
      assert.deepEqual(await visitor.accessibilityFlaws(), [], path)
    }
  })
}
