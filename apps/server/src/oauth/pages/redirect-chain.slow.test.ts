import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, password } from '../../testing/tutorial.ts'
import { launchBrowser } from './testing-browser.ts'

const limit = { timeout: 60_000 }
const [store = assert.fail()] = stores

/** An application whose callback, logout URL and form target send the browser on, to another origin or an app. */
describe('In a real browser, an application that redirects on', () => {
  const server = tutorialServer(store)
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[]
  let callbackSite: Site
  let homeSite: Site
  let count = 0

  before(async () => {
    homeSite = await site('127.0.0.1', () => undefined)
    callbackSite = await site('localhost', (path) =>
      path.startsWith('/to-app') ? 'myapp://done' : `${homeSite.origin}/home`,
    )
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    callbackSite.server.close()
    homeSite.server.close()
  })
  beforeEach(async () => {
    complaints = []
    context = await browser.newContext({ javaScriptEnabled: false })
    page = await context.newPage()
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text())
    })
  })
  afterEach(() => context.close())

  async function begin(
    redirectUri: string,
    params: Record<string, string | undefined> = {},
    firstParty = true,
  ) {
    const { application } = await transaction(server.ctx, (tx) =>
      createApplication(tx, {
        name: 'Redirecting application',
        app_type: 'native',
        callbacks: [redirectUri],
        allowed_logout_urls: [`${callbackSite.origin}/logged-out`],
        is_first_party: firstParty,
      }),
    )
    const { url } = authorizationRequest(server, application.clientId, {
      redirect_uri: redirectUri,
      audience: undefined,
      scope: 'openid',
      ...params,
    })
    await page.goto(url)
    return application
  }

  async function logIn() {
    await page.getByLabel('Email address').fill('member@example.com')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Continue' }).click()
  }

  async function atHome() {
    await page.getByText('home of the application').waitFor()
    assert.equal(page.url(), `${homeSite.origin}/home`)
    assert.deepEqual(complaints, [])
  }

  test('is reached by a log-in', limit, async () => {
    await begin(`${callbackSite.origin}/cb`)
    await logIn()
    await atHome()
    const { path, referer } = callbackSite.requests.at(-1) ?? assert.fail()
    assert.match(path, /^\/cb\?code=/)
    assert.equal(referer, undefined)
    assert.equal(homeSite.requests.at(-1)?.referer, undefined, 'the code is in no Referer')
  })

  test('is reached by a sign-up', limit, async () => {
    await begin(`${callbackSite.origin}/cb`, { screen_hint: 'signup' })
    await page.getByLabel('Email address').fill(`new-${count++}@example.com`)
    await page.getByLabel('Password').fill('purple harvester 7')
    await page.getByRole('button', { name: 'Create account' }).click()
    await atHome()
  })

  for (const decision of ['Allow', 'Do not allow'])
    test(`is reached from the consent page by ${decision}`, limit, async () => {
      await begin(`${callbackSite.origin}/cb`, {}, false)
      await logIn()
      await page.getByRole('button', { name: decision, exact: true }).click()
      await atHome()
    })

  test('is reached from the question whether to log out', limit, async () => {
    const { clientId } = await begin(`${callbackSite.origin}/cb`)
    await logIn()
    await atHome()
    const query = new URLSearchParams({
      client_id: clientId,
      post_logout_redirect_uri: `${callbackSite.origin}/logged-out`,
    })
    await page.goto(`${server.issuer}oidc/logout?${query}`)
    await page.getByRole('button', { name: 'Log out' }).click()
    await atHome()
  })

  test('is reached by response_mode=form_post', limit, async () => {
    await begin(`${callbackSite.origin}/cb`, { response_mode: 'form_post' })
    await logIn()
    await page.getByRole('button', { name: 'Continue' }).click()
    await atHome()
  })

  test('is reached after a wrong password', limit, async () => {
    await begin(`${callbackSite.origin}/cb`)
    await page.getByLabel('Email address').fill('member@example.com')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').waitFor()
    await logIn()
    await atHome()
  })

  // Chromium has no program for this scheme: that it tries to open it, and no policy stops it, is what a page can show.
  for (const redirectUri of ['myapp://callback', 'to-app'])
    test(`opens a native application: ${redirectUri}`, limit, async () => {
      const address = redirectUri === 'to-app' ? `${callbackSite.origin}/to-app` : redirectUri
      await begin(address)
      const client = await context.newCDPSession(page)
      await client.send('Network.enable')
      const tried = new Promise<string>((resolve) => {
        client.on('Network.requestWillBeSent', ({ request }) => {
          if (request.url.startsWith('myapp:')) resolve(request.url)
        })
        client.on('Network.responseReceivedExtraInfo', ({ headers }) => {
          const location = headers['location'] ?? headers['Location'] ?? ''
          if (location.startsWith('myapp:')) resolve(location)
        })
      })
      await logIn()
      assert.match(await tried, /^myapp:\/\/(callback\?code=|done)/)
      await page.waitForTimeout(0)
      assert.deepEqual(complaints, [])
    })
})

interface Site {
  server: Server
  origin: string
  requests: { path: string; referer: string | undefined }[]
}

/** @param leadsTo where a request is redirected; undefined for a page */
async function site(host: string, leadsTo: (path: string) => string | undefined): Promise<Site> {
  const requests: Site['requests'] = []
  const listener = createServer((request, response) => {
    const path = request.url ?? ''
    if (path !== '/favicon.ico') requests.push({ path, referer: request.headers.referer })
    const location = leadsTo(path)
    if (location === undefined) response.setHeader('content-type', 'text/html').end('home of the application')
    else response.writeHead(302, { location }).end()
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  assert.ok(typeof address === 'object' && address)
  return { server: listener, origin: `http://${host}:${address.port}`, requests }
}
