/** A refused refresh does not consume the refresh token: Auth0's SDK requests another API, is refused, and continues. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { atPage, submitCredentials } from './client.ts'
import { useSystem } from './system.ts'
import { useVisitor } from './visitor.ts'

const system = useSystem()
const visitor = useVisitor()

const sdk = readFileSync(
  fileURLToPath(new URL('../auth0-spa-js.production.esm.js', import.meta.resolve('@auth0/auth0-spa-js'))),
  'utf8',
)

/** An empty page at the client's address, with the SDK as `window.auth0` and refresh tokens for several APIs. */
async function openPageWithSdk(page: Page): Promise<void> {
  const { client_url, issuer, audience, applications } = system.lab
  await page.route(`${client_url}/**`, (route) =>
    new URL(route.request().url()).pathname === '/sdk.js'
      ? route.fulfill({ contentType: 'text/javascript', body: sdk })
      : route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>SDK</title>' }),
  )
  const options = {
    domain: new URL(issuer).origin,
    clientId: applications.spa.client_id,
    useRefreshTokens: true,
    useMrrt: true,
    cacheLocation: 'localstorage',
    authorizationParams: {
      redirect_uri: `${client_url}/callback`,
      audience,
      scope: 'openid profile email offline_access',
    },
  }
  await page.addInitScript(
    `if (location.origin === '${client_url}') window.auth0 = import('/sdk.js').then(({ Auth0Client }) => new Auth0Client(${JSON.stringify(options)}))`,
  )
}

test('spa-js keeps its session when a refresh for an unknown API is refused', {
  timeout: 120_000,
}, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  await openPageWithSdk(page)
  await page.goto(client_url)
  // The page is left before the call returns.
  await page.evaluate('void auth0.then((client) => client.loginWithRedirect())')
  await atPage(page, 'Log In')
  await submitCredentials(page, users.member)
  await page.waitForURL(`${client_url}/callback?*`)
  await page.evaluate('auth0.then((client) => client.handleRedirectCallback().then(() => true))')

  const refresh = (authorizationParams: object): Promise<{ token?: string; error?: string }> =>
    page.evaluate(
      `auth0
        .then((client) => client.getTokenSilently({ cacheMode: 'off', authorizationParams: ${JSON.stringify(authorizationParams)} }))
        .then((token) => ({ token }), (error) => ({ error: error.message }))`,
    )
  for (let round = 0; round < 3; round += 1) {
    const refused = await refresh({ audience: 'https://unknown.example' })
    assert.match(refused.error ?? '', /missing, or unknown/, JSON.stringify(refused))
    const renewed = await refresh({})
    assert.ok(renewed.token, JSON.stringify(renewed))
  }
})
