import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stores } from '../../store/testing.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, logIn, redeem } from '../../testing/tutorial.ts'

const origin = 'http://localhost:4040'
const remedy = /\/authorize with response_type=code and PKCE/

for (const store of stores)
  describe(`What auth0-js and Lock call (${store.name})`, () => {
    const server = tutorialServer(store)
    const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, server.issuer), init)

    for (const path of ['/co/authenticate', '/passwordless/start'])
      test(`${path} answers a script with an error that names the remedy`, async () => {
        const preflight = await ask(path, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'auth0-client',
          },
        })
        assert.equal(preflight.status, 204)
        for (const [type, body] of [
          ['application/json', '{"client_id":"x","username":"a","password":"b"}'],
          ['application/x-www-form-urlencoded', 'client_id=x'],
        ] as const) {
          const response = await ask(path, {
            method: 'POST',
            body,
            headers: { origin, 'content-type': type },
          })
          assert.equal(response.status, 400)
          const { error, error_description: description } = (await response.json()) as Record<string, string>
          assert.equal(error, 'operation_not_supported')
          assert.match(description ?? '', remedy)
          // auth0-js sends cookies along, and a script reads such an answer with this header alone.
          assert.equal(response.headers.get('access-control-allow-origin'), origin)
          assert.equal(response.headers.get('access-control-allow-credentials'), 'true')
        }
        const foreign = await ask(path, { method: 'POST', headers: { origin: 'https://elsewhere.example' } })
        assert.equal(foreign.headers.get('access-control-allow-origin'), null)
        assert.equal(foreign.headers.get('access-control-allow-credentials'), null)
      })

    test('/client/<id>.js is missing, with the reason in the script', async () => {
      const response = await ask(`/client/${server.clientId}.js?t${Date.now()}`, { headers: { origin } })
      assert.equal(response.status, 404)
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      assert.match(await response.text(), remedy)
    })

    for (const responseType of ['token', 'token id_token', 'id_token token'])
      test(`response_type=${responseType} is redirected back with the remedy`, async () => {
        const { url, state } = authorizationRequest(server, server.clientId, {
          response_type: responseType,
          response_mode: undefined,
        })
        const response = await fetch(url, { redirect: 'manual' })
        assert.equal(response.status, 303)
        const target = new URL(response.headers.get('location') ?? '')
        const answer = new URLSearchParams(target.hash.slice(1) || target.search)
        assert.equal(answer.get('error'), 'unsupported_response_type')
        assert.match(answer.get('error_description') ?? '', remedy)
        assert.equal(answer.get('state'), state)
      })

    test('RFC 9700 §4.3.2: /userinfo takes no token from the address', async () => {
      const { body } = await redeem(
        server,
        server.clientId,
        await logIn(server, server.clientId, 'admin@example.com'),
      )
      const response = await ask(`/userinfo?access_token=${body.access_token}`, { headers: { origin } })
      assert.equal(response.status, 401)
    })
  })
