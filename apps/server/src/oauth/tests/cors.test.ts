import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { callback, logIn, redeem } from '../../testing/tutorial.ts'

const origin = 'http://localhost:4040'
const form = 'application/x-www-form-urlencoded'

for (const store of stores) {
  describe(`Scripts of an application read every answer, refusals included (${store.name})`, () => {
    let now = Date.now()
    const server = tutorialServer(store, { clock: () => now })
    const at = async (path: string, init: RequestInit = {}, from = origin) => {
      const response = await fetch(new URL(path, server.issuer), {
        redirect: 'manual',
        ...init,
        headers: { origin: from, ...(init.headers as Record<string, string>) },
      })
      await response.arrayBuffer()
      return response
    }
    const post = (path: string, body: string, type: string, from?: string) =>
      at(path, { method: 'POST', headers: { 'content-type': type }, body }, from)
    const readableBy = (response: Response) => response.headers.get('access-control-allow-origin')
    const endpoints = [
      '/oauth/token',
      '/oauth/revoke',
      '/dbconnections/signup',
      '/dbconnections/change_password',
    ]

    test('a body that is not JSON, of another media type, or too large', async () => {
      for (const path of [...endpoints, '/userinfo'])
        for (const [status, body, type] of [
          [400, '{', 'application/json'],
          [415, '<a/>', 'text/xml'],
          [413, `a=${'x'.repeat(2_000_000)}`, form],
        ] as const) {
          const refused = await post(path, body, type)
          assert.deepEqual([refused.status, readableBy(refused)], [status, origin], `${path} ${type}`)
          const stranger = await post(path, body, type, 'https://stranger.example')
          assert.deepEqual([stranger.status, readableBy(stranger)], [status, null], `${path} ${type}`)
          assert.equal(stranger.headers.get('access-control-allow-credentials'), null)
        }
    })

    test('an access token that has expired, is forged, or is missing', async () => {
      const { body } = await redeem(
        server,
        server.clientId,
        await logIn(server, server.clientId, 'admin@example.com'),
      )
      now += 40 * 24 * 3_600_000
      for (const authorization of [`Bearer ${body.access_token}`, 'Bearer a.b.c', 'Bearer opaque', '']) {
        const response = await at('/userinfo', { headers: { authorization } })
        assert.deepEqual([response.status, readableBy(response)], [401, origin], authorization)
        assert.match(response.headers.get('access-control-expose-headers') ?? '', /www-authenticate/i)
      }
    })

    test('a request that names no application, or one that is unknown', async () => {
      for (const path of endpoints)
        for (const fields of [{}, { client_id: 'unknown' }]) {
          const response = await post(path, JSON.stringify(fields), 'application/json')
          assert.ok(response.status >= 400 && response.status < 500, path)
          assert.equal(readableBy(response), origin, path)
        }
    })

    test('too many requests, and for how long', async () => {
      const reset = () =>
        post(
          '/dbconnections/change_password',
          JSON.stringify({
            client_id: server.clientId,
            connection: 'Username-Password-Authentication',
            email: 'a@example.com',
          }),
          'application/json',
        )
      let response = await reset()
      for (let tries = 0; tries < 100 && response.status === 200; tries++) response = await reset()
      assert.deepEqual([response.status, readableBy(response)], [429, origin])
      assert.match(response.headers.get('access-control-expose-headers') ?? '', /retry-after/i)
    })

    test('an answer for one application is not readable to the origin of another', async () => {
      await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Neighbour',
          app_type: 'spa',
          web_origins: ['https://neighbour.example'],
        }),
      )
      const fields = JSON.stringify({
        client_id: server.clientId,
        connection: 'Username-Password-Authentication',
        email: 'neighbour@example.com',
        password: 'short',
        grant_type: 'refresh_token',
        refresh_token: 'x',
        token: 'x',
      })
      for (const path of ['/oauth/token', '/oauth/revoke', '/dbconnections/signup']) {
        const response = await post(path, fields, 'application/json', 'https://neighbour.example')
        assert.equal(readableBy(response), null, path)
      }
    })

    test('a pattern allows one label and nothing else', async () => {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Previews',
          app_type: 'spa',
          callbacks: [callback],
          web_origins: ['https://*.preview.example', 'http://*.local.example:8080'],
        }),
      )
      const ask = async (from: string) =>
        readableBy(
          await post(
            '/oauth/token',
            JSON.stringify({
              grant_type: 'refresh_token',
              client_id: application.clientId,
              refresh_token: 'x',
            }),
            'application/json',
            from,
          ),
        )
      for (const allowed of [
        'https://a.preview.example',
        'https://x-1.preview.example',
        'http://a.local.example:8080',
      ]) {
        assert.equal(await ask(allowed), allowed)
        const preflight = await at('/oauth/token', { method: 'OPTIONS' }, allowed)
        assert.equal(readableBy(preflight), allowed)
      }
      for (const refused of [
        'https://preview.example',
        'https://a.b.preview.example',
        'https://apreview.example',
        'https://.preview.example',
        'https://*.preview.example',
        'http://a.preview.example',
        'https://a.preview.example:8443',
        'https://a.preview.example.evil.example',
        'https://evil.example/.preview.example',
        'http://a.local.example',
        'null',
      ]) {
        assert.equal(await ask(refused), null, refused)
        const preflight = await at('/oauth/token', { method: 'OPTIONS' }, refused)
        assert.equal(readableBy(preflight), null, refused)
      }
    })

    test('a preflight may name any header, such as those that tracing adds', async () => {
      const headers = {
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'traceparent,tracestate',
      }
      for (const path of [
        '/.well-known/openid-configuration',
        '/.well-known/oauth-authorization-server',
        '/.well-known/jwks.json',
      ]) {
        const response = await at(path, { method: 'OPTIONS', headers }, 'https://anyone.example')
        assert.deepEqual([response.status, readableBy(response)], [204, '*'], path)
        assert.match(response.headers.get('access-control-allow-headers') ?? '', /traceparent/)
      }
      for (const path of [...endpoints, '/userinfo']) {
        const response = await at(path, { method: 'OPTIONS', headers })
        assert.deepEqual([response.status, readableBy(response)], [204, origin], path)
        assert.match(response.headers.get('access-control-allow-headers') ?? '', /traceparent/)
      }
    })
  })

  describe(`The userinfo endpoint reads one credential (RFC 6750 §2) (${store.name})`, () => {
    const server = tutorialServer(store)
    const tokens = async (params: Record<string, string | undefined>) =>
      (
        await redeem(
          server,
          server.clientId,
          await logIn(server, server.clientId, 'admin@example.com', { scope: 'openid email', ...params }),
        )
      ).body.access_token
    const ask = (init: RequestInit, query = '') => fetch(new URL(`/userinfo${query}`, server.issuer), init)

    test('from the header or from a form, for both kinds of token', async () => {
      for (const token of [await tokens({}), await tokens({ audience: undefined })]) {
        const authorization = `Bearer ${token}`
        for (const init of [
          { headers: { authorization } },
          { method: 'POST', headers: { authorization } },
          { method: 'POST', body: new URLSearchParams({ access_token: token }) },
        ]) {
          const response = await ask(init)
          assert.equal(response.status, 200)
          assert.equal(((await response.json()) as { email: string }).email, 'admin@example.com')
        }
      }
    })

    test('two of them are a malformed request, whichever they are', async () => {
      for (const token of [await tokens({}), await tokens({ audience: undefined })]) {
        const body = new URLSearchParams({ access_token: token })
        const authorization = `Bearer ${token}`
        const twice = new URLSearchParams([...body, ...body])
        for (const response of [
          await ask({ method: 'POST', body, headers: { authorization } }),
          await ask({ method: 'POST', body: twice }),
          await ask({ method: 'POST', body }, `?access_token=${token}`),
          await ask({ headers: { authorization } }, `?access_token=${token}`),
        ]) {
          assert.equal(response.status, 400)
          assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer .*error="invalid_request"/)
        }
      }
    })

    test('never from a query, a JSON body or another scheme', async () => {
      const token = await tokens({})
      for (const response of [
        await ask({}, `?access_token=${token}`),
        await ask({ method: 'POST', body: '' }, `?access_token=${token}`),
        await ask({
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ access_token: token }),
        }),
        await ask({ headers: { authorization: `Token ${token}` } }),
      ]) {
        assert.equal(response.status, 401)
        // RFC 6750 §3.1: no error code where no credential was sent.
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer realm="[^"]*"$/)
      }
    })
  })
}
