import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createTestProofKey } from '@rolecall/guard/testing'
import { createApplication } from '../../applications/applications.ts'
import type { Application } from '../../applications/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, type Page } from '../../testing/browser.ts'
import { nodesKinds } from '../../testing/nodes.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  type Authorization,
  authorizationRequest,
  callback,
  destination,
  password,
  redeem,
} from '../../testing/tutorial.ts'

interface Pushed {
  status: number
  headers: Headers
  body: { request_uri: string; expires_in: number; error?: string; error_description?: string }
}

type Changes = Record<string, string | undefined>

async function push(
  issuer: string,
  { url }: Authorization,
  changes: Changes = {},
  headers: Record<string, string> = {},
): Promise<Pushed> {
  const body = new URL(url).searchParams
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) body.delete(name)
    else body.set(name, value)
  const response = await fetch(new URL('/oauth/par', issuer), { method: 'POST', body, headers })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Pushed['body'],
  }
}

const authorizeUrl = (clientId: string, requestUri: string, more: Record<string, string> = {}) =>
  `/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri, ...more }).toString()}`

for (const store of stores)
  describe(`Pushed authorization requests (RFC 9126) (${store.name})`, () => {
    const server = tutorialServer(store)
    let web: Application
    let secret: string

    before(async () => {
      const created = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Web application',
          app_type: 'regular_web',
          callbacks: [callback],
        }),
      )
      web = created.application
      secret = created.clientSecret ?? ''
    })
    const pushed = async (clientId = server.clientId, changes: Changes = {}) => {
      const request = authorizationRequest(server, clientId)
      const { status, body } = await push(server.issuer, request, changes)
      assert.equal(status, 201, JSON.stringify(body))
      return { request, uri: body.request_uri }
    }
    const logIn = (browser: Browser, page: Page) =>
      browser.submit(page, { email: 'admin@example.com', password })

    test('§5: discovery names the endpoint', async () => {
      const response = await fetch(new URL('/.well-known/openid-configuration', server.issuer))
      const document = (await response.json()) as Record<string, unknown>
      assert.equal(document['pushed_authorization_request_endpoint'], `${server.issuer}oauth/par`)
      assert.equal(document['request_uri_parameter_supported'], false)
    })

    test('§2.2, §4: a pushed request leads to tokens as a plain one does, refresh token included', async () => {
      const request = authorizationRequest(server, server.clientId)
      const { status, headers, body } = await push(server.issuer, request)
      assert.equal(status, 201)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.match(body.request_uri, /^urn:ietf:params:oauth:request_uri:[\w-]{22,}$/)
      assert.ok(body.expires_in >= 5 && body.expires_in <= 600)
      const browser = new Browser(server.issuer)
      const address = authorizeUrl(server.clientId, body.request_uri)
      // The page may be loaded again until the request is completed.
      await browser.open(address)
      const done = await logIn(browser, await browser.open(address))
      const target = destination(done)
      assert.equal(target.searchParams.get('state'), request.state)
      const tokens = await redeem(server, server.clientId, {
        code: target.searchParams.get('code') ?? '',
        request,
      })
      assert.equal(tokens.status, 200)
      assert.ok(tokens.body.refresh_token)
      assert.match(tokens.body.scope, /offline_access/)
    })

    test('§2.1: the application authenticates as at the token endpoint', async () => {
      const request = authorizationRequest(server, web.clientId)
      assert.equal((await push(server.issuer, request, { client_secret: secret })).status, 201)
      const basic = `Basic ${Buffer.from(`${web.clientId}:${secret}`).toString('base64')}`
      assert.equal((await push(server.issuer, request, {}, { authorization: basic })).status, 201)
      for (const changes of [{}, { client_secret: 'wrong' }, { client_id: 'unknown' }] as Changes[]) {
        const refused = await push(server.issuer, request, changes)
        assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client'])
      }
      assert.equal((await push(server.issuer, request, { client_id: undefined })).status, 400)
      const got = await fetch(
        new URL(`/oauth/par?${new URL(request.url).searchParams.toString()}`, server.issuer),
      )
      assert.equal(got.status, 404)
    })

    test('§2.1, §2.3: what `/authorize` refuses is refused when it is pushed', async () => {
      const request = authorizationRequest(server, server.clientId)
      const refused: Record<string, Changes> = {
        'another request_uri': { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
        'a request object': { request: 'e30.e30.' },
        'a callback that is not registered': { redirect_uri: 'https://elsewhere.example' },
        'no callback': { redirect_uri: undefined },
        'a response type that is not supported': { response_type: 'token' },
        'no PKCE of a public application': { code_challenge: undefined, code_challenge_method: undefined },
        'an unknown audience': { audience: 'https://unknown.example' },
        'audience and resource': { resource: 'https://unknown.example' },
        'an organization': { organization: 'org_1' },
        'an unknown connection': { connection: 'unknown' },
        'an essential claim': { claims: '{"id_token":{"acr":{"essential":true}}}' },
        'an ID token in the address': { response_type: 'id_token', response_mode: 'fragment' },
      }
      for (const [what, changes] of Object.entries(refused)) {
        const { status, body } = await push(server.issuer, request, changes)
        assert.equal(status, 400, `${what}: ${JSON.stringify(body)}`)
        assert.ok(body.error && body.error_description, what)
      }
    })

    test('§4: the request_uri is for the application that pushed it', async () => {
      const { uri } = await pushed()
      const stolen = await new Browser(server.issuer).open(authorizeUrl(web.clientId, uri))
      assert.equal(stolen.status, 400)
      assert.match(stolen.text, /<h1>/)
      const own = await new Browser(server.issuer).open(authorizeUrl(server.clientId, uri))
      assert.equal(own.status, 200)
    })

    test('§4: parameters beside the request_uri are ignored, never merged', async () => {
      const { uri, request } = await pushed(server.clientId, { scope: 'openid' })
      const browser = new Browser(server.issuer)
      const page = await browser.open(
        authorizeUrl(server.clientId, uri, {
          scope: 'openid offline_access read:admin-messages',
          redirect_uri: 'https://elsewhere.example',
          state: 'forged',
          prompt: 'none',
          audience: 'https://unknown.example',
          organization: 'org_1',
        }),
      )
      const target = destination(await logIn(browser, page))
      assert.equal(target.origin + target.pathname, callback)
      assert.equal(target.searchParams.get('state'), request.state)
      const tokens = await redeem(server, server.clientId, {
        code: target.searchParams.get('code') ?? '',
        request,
      })
      assert.equal(tokens.body.scope, 'openid')
      assert.equal(tokens.body.refresh_token, undefined)
    })

    test('§7.3: a request_uri is used once, and an invented one is refused', async () => {
      const { uri } = await pushed()
      const browser = new Browser(server.issuer)
      const address = authorizeUrl(server.clientId, uri)
      destination(await logIn(browser, await browser.open(address)))
      for (const again of [address, authorizeUrl(server.clientId, 'urn:ietf:params:oauth:request_uri:x')])
        assert.equal((await browser.open(again)).status, 400)
    })

    test('an application that requires pushed requests has no other way', async () => {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Strict',
          app_type: 'spa',
          callbacks: [callback],
          require_pushed_authorization_requests: true,
        }),
      )
      const { uri, request } = await pushed(application.clientId)
      const plain = destination(await new Browser(server.issuer).open(request.url))
      assert.equal(plain.searchParams.get('error'), 'invalid_request')
      assert.match(plain.searchParams.get('error_description') ?? '', /Pushed Authorization Request/)
      assert.equal(
        (await new Browser(server.issuer).open(authorizeUrl(application.clientId, uri))).status,
        200,
      )
    })

    test('RFC 9449 §10.1: a proof with the pushed request binds the code to its key', async () => {
      const key = await createTestProofKey()
      const proof = await key.proof({ method: 'POST', url: `${server.issuer}oauth/par` })
      const request = authorizationRequest(server, server.clientId)
      const { body } = await push(server.issuer, request, {}, { dpop: proof })
      const browser = new Browser(server.issuer)
      const page = await browser.open(authorizeUrl(server.clientId, body.request_uri))
      const code = destination(await logIn(browser, page)).searchParams.get('code') ?? ''
      const tokens = await redeem(server, server.clientId, { code, request })
      assert.deepEqual([tokens.status, tokens.body.error], [403, 'invalid_grant'])
      const garbage = await push(server.issuer, request, {}, { dpop: 'garbage' })
      assert.deepEqual([garbage.status, garbage.body.error], [400, 'invalid_dpop_proof'])
    })
  })

for (const kind of nodesKinds)
  describe(`A request_uri is used once, on every node (${kind.name})`, () => {
    const server = tutorialServer(kind)

    test('of parallel uses by a browser that is logged in, one gets a code', async (t) => {
      const addresses = await kind.addresses(t, server)
      const first = authorizationRequest(server, server.clientId)
      const browser = new Browser(server.issuer)
      destination(
        await browser.submit(await browser.open(first.url), { email: 'admin@example.com', password }),
      )
      const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      const { body } = await push(server.issuer, authorizationRequest(server, server.clientId))
      const answers = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => {
          const address = addresses[index % addresses.length] ?? ''
          const response = await fetch(new URL(authorizeUrl(server.clientId, body.request_uri), address), {
            headers: { cookie },
            redirect: 'manual',
          })
          await response.body?.cancel()
          const location = response.headers.get('location')
          return location !== null && new URL(location).searchParams.has('code')
        }),
      )
      assert.equal(answers.filter(Boolean).length, 1)
    })
  })
