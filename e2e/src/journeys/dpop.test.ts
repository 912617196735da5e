/** Auth0's own SDK with `useDpop`: its tokens are bound to a key of the browser (RFC 9449), at an API that requires it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createGuard } from '@rolecall/guard'
import { fastifyGuard } from '@rolecall/guard/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { decodeJwt } from 'jose'
import { updateApi } from '../../../apps/server/src/apis/update-api.ts'
import { createApplication } from '../../../apps/server/src/applications/store.ts'
import { stores } from '../../../apps/server/src/store/testing.ts'
import { startServer } from '../../../apps/server/src/testing/server.ts'
import { audience, makeTutorial, password } from '../../../apps/server/src/testing/tutorial.ts'
import { atPage, give } from './client.ts'
import { useVisitor } from './visitor.ts'

const visitor = useVisitor()
const cleanups: (() => Promise<void>)[] = []
const sdk = readFileSync(
  fileURLToPath(new URL('../auth0-spa-js.production.esm.js', import.meta.resolve('@auth0/auth0-spa-js'))),
  'utf8',
)
let app: FastifyInstance
let origin: string
let email: string

/** The authorization server, and one application that serves a page with the SDK and a guarded API. */
before(async () => {
  const [store] = stores
  assert.ok(store)
  const server = await startServer({ after: (clean) => cleanups.push(clean) }, store)
  const { api, admin } = await makeTutorial(server.ctx)
  email = admin.email
  await updateApi(server.ctx, api.id, {
    extra: { proof_of_possession: { mechanism: 'dpop', required: true } },
  })

  app = Fastify()
  const guard = createGuard({ domain: new URL(server.issuer).origin, audience, dpop: { required: true } })
  await app.register(fastifyGuard, { guard })
  app.get('/api', { config: { access: 'read:admin-messages' } }, () => ({ text: 'For admins.' }))
  app.get('/sdk.js', { config: { access: 'public' } }, (_request, reply) =>
    reply.type('text/javascript').send(sdk),
  )
  app.get('/', { config: { access: 'public' } }, (_request, reply) => reply.type('text/html').send(page()))
  const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  origin = `http://localhost:${address.port}`
  const { application } = await createApplication(server.ctx, {
    name: 'Browser application',
    app_type: 'spa',
    callbacks: [`${origin}/`],
    web_origins: [origin],
  })
  const options = {
    domain: new URL(server.issuer).origin,
    clientId: application.clientId,
    useDpop: true,
    useRefreshTokens: true,
    cacheLocation: 'localstorage',
    authorizationParams: { redirect_uri: `${origin}/`, audience, scope: 'openid offline_access' },
  }
  function page() {
    return `<!doctype html><title>DPoP</title><script type="module">
      import { Auth0Client } from '/sdk.js'
      window.auth0 = new Auth0Client(${JSON.stringify(options)})
    </script>`
  }
})
after(async () => {
  await app.close()
  for (const clean of cleanups) await clean()
})

test('auth0-spa-js with useDpop logs in, calls a guarded API and renews its token', {
  timeout: 120_000,
}, async () => {
  const { page } = visitor
  await page.goto(origin)
  await page.waitForFunction('window.auth0')
  // The page is left before the call returns.
  await page.evaluate('void auth0.loginWithRedirect()')
  await atPage(page, 'Log in')
  await give(page, { email, password })
  await page.waitForURL(`${origin}/?*`)
  await page.waitForFunction('window.auth0')
  await page.evaluate('auth0.handleRedirectCallback().then(() => true)')

  const token = (): Promise<string> => page.evaluate(`auth0.getTokenSilently({ cacheMode: 'off' })`)
  const first = await token()
  const second = await token()
  assert.notEqual(first, second)
  assert.ok(decodeJwt(first)['cnf'])
  assert.deepEqual(decodeJwt(first)['cnf'], decodeJwt(second)['cnf'])

  const call = (fetcher: string): Promise<unknown> =>
    page.evaluate(`${fetcher}.then(async (answer) => [answer.status, await answer.json()])`)
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
