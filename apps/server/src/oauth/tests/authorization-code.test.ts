import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, test } from 'node:test'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { tutorial } from '../../seed/tutorial.ts'
import { stores } from '../../store/testing.ts'
import { Browser } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  audience,
  authorizationRequest,
  callback,
  destination,
  logIn,
  password,
  redeem,
  requestToken,
} from '../../testing/tutorial.ts'

for (const store of stores) {
  describe(`The authorization code flow on ${store.name}`, () => {
    const server = tutorialServer(store)

    test('gives the admin a token with the permission, signed with a published key', async () => {
      const { body, headers } = await redeem(
        server,
        server.clientId,
        await logIn(server, server.clientId, 'admin@example.com'),
      )
      const jwks = createRemoteJWKSet(new URL('/.well-known/jwks.json', server.issuer))
      const { payload, protectedHeader } = await jwtVerify(body.access_token, jwks, {
        issuer: server.issuer,
        audience,
      })
      assert.equal(protectedHeader.alg, 'RS256')
      assert.equal(protectedHeader.typ, 'JWT')
      assert.deepEqual(payload['permissions'], [tutorial.permission.value])
      assert.deepEqual(payload.aud, [audience, `${server.issuer}userinfo`])
      assert.equal(payload.sub, server.admin.userId)
      assert.equal(payload['azp'], server.clientId)
      assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 86_400)
      assert.equal(body['expires_in'], 86_400)
      assert.equal(body['token_type'], 'Bearer')
      assert.equal(headers.get('cache-control'), 'no-store')
    })

    test('gives the member a token with an empty list of permissions', async () => {
      const { body } = await redeem(
        server,
        server.clientId,
        await logIn(server, server.clientId, 'member@example.com'),
      )
      assert.deepEqual(decodeJwt(body.access_token)['permissions'], [])
    })

    test('gives an ID token with the nonce and the profile, for the application alone', async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const { body } = await redeem(server, server.clientId, login)
      const claims = decodeJwt(body.id_token)
      assert.equal(claims.iss, server.issuer)
      assert.equal(claims.aud, server.clientId)
      assert.equal(claims['nonce'], login.request.nonce)
      assert.equal(claims['email'], 'admin@example.com')
      assert.equal(claims['email_verified'], false)
      assert.equal(typeof claims['sid'], 'string')
      assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 36_000)
      assert.equal(decodeProtectedHeader(body.id_token).alg, 'RS256')
    })

    test('returns state byte for byte and names the issuer (RFC 9207)', async () => {
      const state = `"quotes" & ünicode <b> ${'x'.repeat(2000)}`
      const browser = new Browser(server.issuer)
      const page = await browser.open(authorizationRequest(server, server.clientId, { state }).url)
      const target = destination(await browser.submit(page, { email: 'admin@example.com', password }))
      assert.equal(target.origin + target.pathname, callback)
      assert.equal(target.searchParams.get('state'), state)
      assert.equal(target.searchParams.get('iss'), server.issuer)
    })

    test('answers in the fragment and by form_post when asked', async () => {
      const browser = new Browser(server.issuer)
      const fragment = authorizationRequest(server, server.clientId, { response_mode: 'fragment' })
      const page = await browser.open(fragment.url)
      const target = destination(await browser.submit(page, { email: 'admin@example.com', password }))
      assert.equal(new URLSearchParams(target.hash.slice(1)).get('state'), fragment.state)
      assert.equal(target.search, '')

      const posted = await browser.open(
        authorizationRequest(server, server.clientId, { response_mode: 'form_post' }).url,
      )
      assert.match(posted.text, new RegExp(`action="${callback}"`))
      assert.match(posted.text, /name="code"/)
      // The page sends itself: browsers run its script only when the policy names its hash.
      const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(posted.text) ?? []
      const policy = posted.headers.get('content-security-policy') ?? ''
      assert.ok(policy.includes(`script-src 'sha256-${hash('sha256', script, 'base64')}'`), policy)
      assert.doesNotMatch(policy, /form-action|unsafe/)
    })

    test('redeems a code once, and a second use ends what the first was given (RFC 6749 §4.1.2)', async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const first = await redeem(server, server.clientId, login)
      const second = await redeem(server, server.clientId, login)
      assert.equal(second.status, 403)
      assert.deepEqual(second.body, {
        error: 'invalid_grant',
        error_description: 'Invalid authorization code',
      } as never)
      const refreshed = await requestToken(server, {
        grant_type: 'refresh_token',
        client_id: server.clientId,
        refresh_token: first.body.refresh_token,
      })
      assert.equal(refreshed.status, 403)
    })

    test('refuses a code with a wrong verifier, none, or one of a shape RFC 7636 §4.1 does not allow', async () => {
      for (const verifier of ['a'.repeat(43), undefined, 'a'.repeat(42), 'a'.repeat(129), '+'.repeat(43)]) {
        const { code } = await logIn(server, server.clientId, 'admin@example.com')
        const { status, body } = await requestToken(server, {
          grant_type: 'authorization_code',
          client_id: server.clientId,
          code,
          redirect_uri: callback,
          ...(verifier && { code_verifier: verifier }),
        })
        assert.ok(status === 403 || status === 400, String(status))
        assert.match(body.error, /invalid_grant|invalid_request/)
      }
    })

    test('binds a code to its application and its redirect URI', async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const base = {
        grant_type: 'authorization_code',
        code: login.code,
        code_verifier: login.request.verifier,
      }
      const elsewhere = await requestToken(server, {
        ...base,
        client_id: server.clientId,
        redirect_uri: 'http://localhost:4040/other',
      })
      assert.equal(elsewhere.body.error, 'invalid_grant')
      const foreign = await requestToken(server, {
        ...base,
        client_id: 'somebody-else',
        redirect_uri: callback,
      })
      assert.equal(foreign.status, 401)
    })

    test('demands PKCE of public clients, by S256 only (RFC 9700 §2.1.1)', async () => {
      const browser = new Browser(server.issuer)
      for (const params of [
        { code_challenge: undefined, code_challenge_method: undefined },
        { code_challenge_method: 'plain' },
        { code_challenge_method: undefined },
        { code_challenge_method: 'S512' },
        { code_challenge: 'tooshort' },
      ]) {
        const page = await browser.open(authorizationRequest(server, server.clientId, params).url)
        assert.equal(destination(page).searchParams.get('error'), 'invalid_request', JSON.stringify(params))
      }
    })

    test('signs nobody in for prompt=none, and says login_required', async () => {
      const page = await new Browser(server.issuer).open(
        authorizationRequest(server, server.clientId, { prompt: 'none' }).url,
      )
      assert.equal(destination(page).searchParams.get('error'), 'login_required')
    })

    test('signs in silently while the session lasts, and asks again for prompt=login', async () => {
      const { browser } = await logIn(server, server.clientId, 'admin@example.com')
      const silent = await browser.open(authorizationRequest(server, server.clientId, { prompt: 'none' }).url)
      assert.ok(destination(silent).searchParams.get('code'))
      const again = await browser.open(authorizationRequest(server, server.clientId, { prompt: 'login' }).url)
      assert.match(again.text, /type="password"/)
    })

    test('answers by web message, errors too, in a page that may be framed', async () => {
      const { browser } = await logIn(server, server.clientId, 'admin@example.com')
      const params = { prompt: 'none', response_mode: 'web_message' }
      const request = authorizationRequest(server, server.clientId, params)
      const page = await browser.open(request.url)
      assert.equal(page.status, 200)
      assert.match(page.text, /"type":"authorization_response"/)
      assert.match(page.text, new RegExp(`"state":"${request.state}"`))
      assert.match(page.text, /postMessage\(.*,"http:\/\/localhost:4040"\)/)
      assert.equal(page.headers.get('x-frame-options'), null)
      assert.equal(page.headers.get('cross-origin-opener-policy'), null, 'a popup must reach its opener')
      assert.doesNotMatch(page.headers.get('content-security-policy') ?? '', /frame-ancestors/)

      const nobody = await new Browser(server.issuer).open(request.url)
      assert.equal(nobody.status, 200)
      assert.match(nobody.text, /"error":"login_required"/)
    })

    test('says which service was not found', async () => {
      const page = await new Browser(server.issuer).open(
        authorizationRequest(server, server.clientId, { audience: 'https://nowhere.example.com' }).url,
      )
      const { searchParams } = destination(page)
      assert.equal(searchParams.get('error'), 'access_denied')
      assert.equal(searchParams.get('error_description'), 'Service not found: https://nowhere.example.com')
    })

    test('without an audience gives a token that is good for userinfo alone', async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com', { audience: undefined })
      const { body } = await redeem(server, server.clientId, login)
      assert.equal(body.access_token.split('.').length, 1)
      const response = await fetch(new URL('/userinfo', server.issuer), {
        headers: { authorization: `Bearer ${body.access_token}` },
      })
      assert.equal(response.status, 200)
      assert.equal(((await response.json()) as { email: string }).email, 'admin@example.com')
    })

    test('opens the sign-up form for screen_hint=signup, and signs the new user in', async () => {
      const browser = new Browser(server.issuer)
      const request = authorizationRequest(server, server.clientId, {
        screen_hint: 'signup',
        prompt: 'login',
      })
      const page = await browser.open(request.url)
      const email = `new-${store.name.length}@example.com`
      const done = await browser.submit(page, { email, password: 'a long and unusual sentence' })
      const code = destination(done).searchParams.get('code') ?? ''
      const { body } = await redeem(server, server.clientId, { code, request })
      assert.equal(decodeJwt(body.id_token)['email'], email)
      assert.deepEqual(decodeJwt(body.access_token)['permissions'], [])
    })

    test('shows one message for a wrong password and an unknown account', async () => {
      const answers = []
      for (const email of ['admin@example.com', 'nobody@example.com']) {
        const browser = new Browser(server.issuer)
        const page = await browser.open(authorizationRequest(server, server.clientId).url)
        const { status, text } = await browser.submit(page, { email, password: 'not the password' })
        answers.push({ status, notice: /role="alert">([^<]*)</.exec(text)?.[1] })
      }
      assert.deepEqual(answers[0], { status: 400, notice: 'Wrong email or password.' })
      assert.deepEqual(answers[1], answers[0])
    })

    test('logs in somebody else over an existing session, and ends that one', async () => {
      const { browser } = await logIn(server, server.clientId, 'admin@example.com')
      const thief = new Browser(server.issuer)
      thief.steal(browser.cookies)
      const request = authorizationRequest(server, server.clientId, { prompt: 'login' })
      const page = await browser.open(request.url)
      const done = await browser.submit(page, { email: 'member@example.com', password })
      const { body } = await redeem(server, server.clientId, {
        code: destination(done).searchParams.get('code') ?? '',
        request,
      })
      assert.equal(decodeJwt(body.id_token).sub, server.member.userId)
      const replay = await thief.open(authorizationRequest(server, server.clientId, { prompt: 'none' }).url)
      assert.equal(destination(replay).searchParams.get('error'), 'login_required')
    })
  })
}
