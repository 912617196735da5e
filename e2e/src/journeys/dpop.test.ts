/** Auth0's own SDK with `useDpop`: its tokens are bound to a key of the browser (RFC 9449), at an API that requires it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createGuard } from '@rolecall/guard'
import { guarded } from '@rolecall/guard/node'
import { updateApi } from '../../../apps/server/src/apis/apis.ts'
import { createApplication } from '../../../apps/server/src/applications/applications.ts'
import { stores } from '../../../apps/server/src/store/testing.ts'
import { transaction } from '../../../apps/server/src/store/transaction.ts'
import { startServer } from '../../../apps/server/src/testing/server.ts'
import { audience, makeTutorial, password } from '../../../apps/server/src/testing/tutorial.ts'
import { atPage, submitCredentials } from './client.ts'
import { useVisitor } from './visitor.ts'

const visitor = useVisitor()
const cleanups: (() => Promise<void>)[] = []
const sdk = readFileSync(
  fileURLToPath(new URL('../auth0-spa-js.production.esm.js', import.meta.resolve('@auth0/auth0-spa-js'))),
  'utf8',
)
let app: Server
let origin: string
let page: string
let email: string

/** The authorization server, and one application that serves a page with the SDK and a guarded API. */
before(async () => {
  const [store] = stores
  assert.ok(store)
  const server = await startServer({ after: (clean) => cleanups.push(clean) }, store)
  const { api: tutorialApi, admin } = await makeTutorial(server.ctx)
  email = admin.email
  const required = { proof_of_possession: { mechanism: 'dpop', required: true } }
  await transaction(server.ctx, (tx) => updateApi(tx, server.ctx.sealer, tutorialApi.id, { extra: required }))

  const guard = createGuard({ domain: new URL(server.issuer).origin, audience, dpop: { required: true } })
  const api = guarded(guard, 'read:admin-messages', (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ text: 'For admins.' }))
  })
  app = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/api') return api(request, response)
    response.setHeader('content-type', path === '/sdk.js' ? 'text/javascript' : 'text/html')
    response.end(path === '/sdk.js' ? sdk : page)
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  const address = app.address()
  origin = `http://localhost:${typeof address === 'object' ? address?.port : ''}`
  const { application } = await transaction(server.ctx, (tx) =>
    createApplication(tx, {
      name: 'Browser application',
      app_type: 'spa',
      callbacks: [`${origin}/`],
      web_origins: [origin],
    }),
  )
  const options = {
    domain: new URL(server.issuer).origin,
    clientId: application.clientId,
    useDpop: true,
    useRefreshTokens: true,
    cacheLocation: 'localstorage',
    authorizationParams: { redirect_uri: `${origin}/`, audience, scope: 'openid offline_access' },
  }
  page = `<!doctype html><title>DPoP</title><script type="module">
      import { Auth0Client } from '/sdk.js'
      window.auth0 = new Auth0Client(${JSON.stringify(options)})
    </script>`
})
after(async () => {
  app.closeAllConnections()
  await once(app.close(), 'close')
  for (const clean of cleanups) await clean()
})

test('auth0-spa-js with useDpop logs in, calls a guarded API and renews its token', {
  timeout: 120_000,
}, async () => {
  const { page: tab } = visitor
  await tab.goto(origin)
  await tab.waitForFunction('window.auth0')
  // The page is left before the call returns.
  await tab.evaluate('void auth0.loginWithRedirect()')
  await atPage(tab, 'Log In')
  await submitCredentials(tab, { email, password })
  await tab.waitForURL(`${origin}/?*`)
  await tab.waitForFunction('window.auth0')
  await tab.evaluate('auth0.handleRedirectCallback().then(() => true)')

  const token = (): Promise<string> => tab.evaluate(`auth0.getTokenSilently({ cacheMode: 'off' })`)
  const first = await token()
  const second = await token()
  for (const renewed of [first, second]) assert.equal(claimsOf(renewed)['gty'], 'refresh_token')
  assert.ok(claimsOf(first)['cnf'])
  assert.deepEqual(claimsOf(first)['cnf'], claimsOf(second)['cnf'])

  const call = (fetcher: string): Promise<unknown> =>
    tab.evaluate(`${fetcher}.then(async (answer) => [answer.status, await answer.json()])`)
  for (let use = 0; use < 2; use += 1)
    assert.deepEqual(
      await call(
        `auth0.createFetcher({ dpopNonceId: 'api', getAccessToken: () => auth0.getTokenSilently() }).fetchWithAuth('${origin}/api?use=${use}')`,
      ),
      [200, { text: 'For admins.' }],
    )
  const stolen = await fetch(`${origin}/api`, { headers: { authorization: `Bearer ${second}` } })
  assert.equal(stolen.status, 401)
  assert.match(stolen.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/)
})

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
