import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { createApplication } from '../../applications/applications.ts'
import { endUserSessions } from '../../sessions/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  authorizationRequest,
  callback,
  destination,
  logIn,
  redeem,
  refresh,
  requestToken,
} from '../../testing/tutorial.ts'

const origin = 'http://localhost:4040'

/** Endpoints without GET. */
const takesPost = new Set([
  'token_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'pushed_authorization_request_endpoint',
  'device_authorization_endpoint',
])

for (const store of stores) {
  describe(`The edges of Auth0's dialect (${store.name})`, () => {
    const server = tutorialServer(store)
    const at = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, server.issuer), { redirect: 'manual', ...init })
    const tokens = async () =>
      (await redeem(server, server.clientId, await logIn(server, server.clientId, 'admin@example.com'))).body

    test('discovery names the issuer exactly, at both well-known addresses, for every origin', async () => {
      for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
        const response = await at(path)
        const document = (await response.json()) as Record<string, unknown>
        assert.equal(response.headers.get('access-control-allow-origin'), '*')
        assert.equal(document['issuer'], server.issuer)
        assert.deepEqual(document['code_challenge_methods_supported'], ['S256'])
        assert.doesNotMatch(JSON.stringify(document), /"none"(?!,"client_secret)/)
        for (const [name, value] of Object.entries(document))
          if (name.endsWith('_endpoint') || name.endsWith('_uri')) {
            const method = takesPost.has(name) ? 'POST' : 'GET'
            assert.notEqual((await fetch(String(value), { redirect: 'manual', method })).status, 404, name)
          }
      }
    })

    test('the key set holds public members only, with certificates', async () => {
      const { keys } = (await (await at('/.well-known/jwks.json')).json()) as {
        keys: Record<string, unknown>[]
      }
      assert.ok(keys.length >= 2, 'the next key is published before it signs')
      for (const key of keys) {
        assert.deepEqual(Object.keys(key).toSorted(), ['alg', 'e', 'kid', 'kty', 'n', 'use', 'x5c', 'x5t'])
        assert.equal(key['use'], 'sig')
      }
      assert.equal(new Set(keys.map((key) => key['kid'])).size, keys.length)
    })

    test('no header changes an address the server names (CVE-2025-64101)', async () => {
      const hostile = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example;proto=https',
        'x-forwarded-for': 'a',
      }
      const document = await rawGet(server.issuer, '/.well-known/openid-configuration', hostile)
      assert.equal(JSON.parse(document.body).issuer, server.issuer)
      const { pathname, search } = new URL(authorizationRequest(server, server.clientId).url)
      const begun = await rawGet(server.issuer, pathname + search, hostile)
      assert.match(String(begun.headers['location']), /^\/interaction\//)
      assert.doesNotMatch(JSON.stringify(begun), /evil\.example/)
    })

    test('the token endpoint reads JSON and forms, and both ways of sending a secret', async () => {
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Regular web application',
          app_type: 'regular_web',
          callbacks: [callback],
        }),
      )
      const login = await logIn(server, application.clientId, 'admin@example.com')
      const fields = {
        grant_type: 'authorization_code',
        code: login.code,
        redirect_uri: callback,
        code_verifier: login.request.verifier,
      }
      const basic = `Basic ${btoa(`${application.clientId}:${clientSecret}`)}`
      const refused = await requestToken(server, { ...fields, client_id: application.clientId })
      assert.equal(refused.status, 401)
      const answer = await at('/oauth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: basic },
        body: JSON.stringify(fields),
      })
      assert.equal(answer.status, 200)
      const { refresh_token: refreshToken } = (await answer.json()) as { refresh_token: string }
      const withoutSecret = await refresh(server, application.clientId, refreshToken)
      assert.equal(withoutSecret.status, 401, 'CVE-2026-53512')
    })

    test('a body that cannot be read, or is too large, is the caller’s error', async () => {
      const post = (body: string, type: string) =>
        at('/oauth/token', { method: 'POST', headers: { 'content-type': type }, body })
      assert.equal((await post('{', 'application/json')).status, 400)
      assert.equal((await post('[]', 'application/json')).status, 401)
      assert.equal((await post('<a/>', 'text/xml')).status, 415)
      assert.equal(
        (await post(`grant_type=${'x'.repeat(2_000_000)}`, 'application/x-www-form-urlencoded')).status,
        413,
      )
      const polluted = await post('{"__proto__":{"grant_type":"client_credentials"}}', 'application/json')
      assert.ok(polluted.status === 400 || polluted.status === 401)
      const twice = await post(
        'grant_type=password&grant_type=refresh_token',
        'application/x-www-form-urlencoded',
      )
      assert.ok(twice.status >= 400 && twice.status < 500)
    })

    test('unknown and switched-off grants have Auth0’s words', async () => {
      const unknown = await requestToken(server, { grant_type: 'magic', client_id: server.clientId })
      assert.deepEqual(unknown.body, {
        error: 'unsupported_grant_type',
        error_description: 'Unsupported grant type: magic',
      } as never)
      assert.equal(unknown.status, 403)
      const off = await requestToken(server, { grant_type: 'client_credentials', client_id: server.clientId })
      assert.deepEqual(
        [off.status, off.body.error, off.body.error_description],
        [403, 'unauthorized_client', "Grant type 'client_credentials' not allowed for the client."],
      )
      const missing = await requestToken(server, { client_id: server.clientId })
      assert.deepEqual([missing.status, missing.body.error], [403, 'invalid_request'])
    })

    test('userinfo answers an API token with openid, by the scopes it carries, and no other token', async () => {
      const body = await tokens()
      const ask = (token: string, method = 'GET') =>
        at('/userinfo', { method, headers: { authorization: `Bearer ${token}`, origin } })
      for (const method of ['GET', 'POST']) {
        const response = await ask(body.access_token, method)
        const claims = (await response.json()) as Record<string, unknown>
        assert.equal(response.status, 200)
        assert.equal(claims['sub'], decodeJwt(body.id_token).sub)
        assert.equal(claims['email'], 'admin@example.com')
        assert.equal(response.headers.get('access-control-allow-origin'), origin)
      }
      for (const token of [body.id_token, `${body.access_token.slice(0, -4)}AAAA`, 'garbage', 'a.b.c']) {
        const response = await ask(token)
        assert.equal(response.status, 401)
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer .*error="invalid_token"/)
      }
      assert.equal((await at(`/userinfo?access_token=${body.access_token}`)).status, 401)
    })

    test('revocation ends a refresh token, answers 200 for garbage, and spares a stranger’s', async () => {
      const { refresh_token: token } = await tokens()
      const revoke = (fields: Record<string, string>) =>
        at('/oauth/revoke', { method: 'POST', body: new URLSearchParams(fields) })
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Stranger',
          app_type: 'spa',
          callbacks: [callback],
        }),
      )
      await revoke({ client_id: application.clientId, token })
      assert.equal((await revoke({ client_id: server.clientId, token: 'garbage' })).status, 200)
      const again = await refresh(server, server.clientId, token)
      assert.equal(again.status, 200, 'another application cannot revoke it')
      const answer = await revoke({
        client_id: server.clientId,
        token: again.body.refresh_token,
        token_type_hint: 'access_token',
      })
      assert.deepEqual([answer.status, await answer.text()], [200, ''])
      assert.equal((await refresh(server, server.clientId, again.body.refresh_token)).status, 403)
      assert.equal((await revoke({ client_id: server.clientId })).status, 400)
      assert.equal((await at('/oauth/revoke')).status, 404)
    })

    test('CORS: answers are readable to the application’s own origins and no others (CVE-2024-41657)', async () => {
      const preflight = await at('/oauth/token', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'auth0-client',
        },
      })
      assert.equal(preflight.status, 204)
      assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /auth0-client/)
      const stranger = await at('/oauth/token', {
        method: 'OPTIONS',
        headers: { origin: `${origin}.evil.example`, 'access-control-request-method': 'POST' },
      })
      assert.equal(stranger.headers.get('access-control-allow-origin'), null)
      const ask = async (from: string) =>
        (
          await requestToken(
            server,
            { grant_type: 'refresh_token', client_id: server.clientId, refresh_token: 'x' },
            { origin: from },
          )
        ).headers.get('access-control-allow-origin')
      assert.equal(await ask(origin), origin, 'errors are readable too')
      for (const foreign of [
        'http://localhost:4041',
        'https://localhost:4040',
        'null',
        `${origin}.evil.example`,
        'http://localhost:40400',
      ])
        assert.equal(await ask(foreign), null, foreign)
    })

    test('logout ends the session at the server, and goes to listed addresses only', async () => {
      for (const returnTo of [
        'https://evil.example',
        '//evil.example',
        `${origin}.evil.example`,
        `${origin}/x`,
        'javascript:alert(1)',
        '/\\evil.example',
      ]) {
        const page = await at(
          `/v2/logout?client_id=${server.clientId}&returnTo=${encodeURIComponent(returnTo)}`,
        )
        assert.deepEqual([page.status, page.headers.get('location')], [400, null], returnTo)
      }
      const { browser } = await logIn(server, server.clientId, 'admin@example.com')
      const thief = new Browser(server.issuer)
      thief.steal(browser.cookies)
      const out = await browser.open(
        `/v2/logout?client_id=${server.clientId}&returnTo=${encodeURIComponent(origin)}`,
      )
      assert.deepEqual([out.status, out.headers.get('location')], [302, origin])
      for (const who of [browser, thief]) {
        const silent = await who.open(authorizationRequest(server, server.clientId, { prompt: 'none' }).url)
        assert.equal(destination(silent).searchParams.get('error'), 'login_required')
      }
    })

    test('an ID token of the session’s user logs out without a question; a forged one does not', async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const { body } = await redeem(server, server.clientId, login)
      const logout = (hint: string) =>
        `/oidc/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: origin, state: 'back' }).toString()}`
      const forged = await login.browser.open(logout(`${body.id_token.slice(0, -4)}AAAA`))
      assert.deepEqual([forged.status, forged.headers.get('location')], [400, null])
      const done = await login.browser.open(logout(body.id_token))
      assert.equal(done.headers.get('location'), `${origin}/?state=back`)
      const silent = await login.browser.open(
        authorizationRequest(server, server.clientId, { prompt: 'none' }).url,
      )
      assert.equal(destination(silent).searchParams.get('error'), 'login_required')
    })

    test('without a hint a person is asked, and their answer counts', async () => {
      const { browser } = await logIn(server, server.clientId, 'admin@example.com')
      const page = await browser.open('/oidc/logout')
      assert.match(page.text, /Log Out\?/)
      const gone = await browser.submit(page, { logout: 'yes' })
      assert.match(gone.text, /You are logged out/)
      const silent = await browser.open(authorizationRequest(server, server.clientId, { prompt: 'none' }).url)
      assert.equal(destination(silent).searchParams.get('error'), 'login_required')
    })

    test('a user whose sessions were ended is asked to log in, and their refresh tokens are dead', async () => {
      const login = await logIn(server, server.clientId, 'member@example.com')
      const { body } = await redeem(server, server.clientId, login)
      await endUserSessions(server.ctx.store.db, server.member.userId)
      assert.equal((await refresh(server, server.clientId, body.refresh_token)).status, 403)
      const silent = await login.browser.open(
        authorizationRequest(server, server.clientId, { prompt: 'none' }).url,
      )
      assert.equal(destination(silent).searchParams.get('error'), 'login_required')
    })

    test('sign-up over the API gives Auth0’s answers', async () => {
      const signUp = (fields: Record<string, string>) =>
        at('/dbconnections/signup', {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin },
          body: JSON.stringify({
            client_id: server.clientId,
            connection: 'Username-Password-Authentication',
            email: 'api-sign-up@example.com',
            password: 'a long and unusual sentence',
            ...fields,
          }),
        })
      const created = await signUp({})
      const user = (await created.json()) as Record<string, unknown>
      assert.equal(created.status, 200)
      assert.match(String(user['_id']), /^[0-9a-f]{24}$/)
      assert.equal(created.headers.get('access-control-allow-origin'), origin)
      const again = await signUp({})
      assert.deepEqual(
        [again.status, ((await again.json()) as { code: string }).code],
        [400, 'invalid_signup'],
      )
      const weak = await signUp({ email: 'weak@example.com', password: 'short' })
      assert.deepEqual(
        [weak.status, ((await weak.json()) as { code: string }).code],
        [400, 'invalid_password'],
      )
    })
  })
}

/** `fetch` does not let a caller name its own Host. */
function rawGet(base: string, path: string, headers: Record<string, string>) {
  return new Promise<{ headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(base)
    httpRequest({ hostname, port, path, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ headers: response.headers, body }))
    })
      .on('error', reject)
      .end()
  })
}
