import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { setupPath } from '../../accounts/owner-links.ts'
import { stores } from '../../store/testing.ts'
import { tutorialServer } from '../../testing/suite.ts'

const limit = { timeout: 180_000 }

/** As JSON, because `JSON.stringify` writes lone surrogates differently from what some clients send. */
const hostileJson = [
  String.raw`"\ud800"`,
  String.raw`"\u0000"`,
  String.raw`"a\u0000b"`,
  String.raw`["\udfff"]`,
  String.raw`{"a":"\ud800"}`,
  String.raw`{"\ud800":"a"}`,
  '[[[[[[[["a"]]]]]]]]',
  '{"__proto__":{"a":1}}',
  JSON.stringify('x'.repeat(100_000)),
  'null',
  '5',
  'true',
  '{}',
  '[]',
]
const hostileText = ['%00', 'a%00b', '%ED%A0%80', '%FF', '%', '%E0%A4%A', 'x'.repeat(9_000), '%F0%9F%98%80']

const parameters = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'code',
  'refresh_token',
  'token',
  'audience',
  'resource',
  'scope',
  'redirect_uri',
  'response_type',
  'response_mode',
  'state',
  'prompt',
  'login_hint',
  'id_token_hint',
  'returnTo',
  'xsrf',
  'email',
  'password',
  'connection',
  'ticket',
  'csrf',
]
const posted = [
  '/oauth/token',
  '/oauth/revoke',
  '/userinfo',
  '/authorize',
  '/oidc/logout',
  '/oidc/logout/confirm',
  '/dbconnections/signup',
  '/dbconnections/change_password',
  '/interaction/abcdefghijklmnop/login',
  '/interaction/abcdefghijklmnop/sign-up',
  '/interaction/abcdefghijklmnop/consent',
  '/u/reset-password/request',
  '/u/reset-password',
  '/u/email-verification',
  setupPath,
]
const read = [
  '/authorize',
  '/authorize/abcdefghijklmnop',
  '/oidc/logout',
  '/oidc/logout/success',
  '/v2/logout',
  '/userinfo',
  '/interaction/abcdefghijklmnop',
  '/u/reset-password/request',
  '/u/reset-password',
  '/u/email-verification',
  setupPath,
  '/.well-known/openid-configuration',
  '/.well-known/jwks.json',
  '/api/v2/users',
  '/readyz',
]

for (const kind of stores)
  describe(`what an anonymous caller sends, on ${kind.name}`, limit, () => {
    const server = tutorialServer(kind)

    async function assertAnswered(what: string, path: string, init: RequestInit = {}): Promise<Response> {
      const response = await fetch(new URL(path, server.issuer), {
        redirect: 'manual',
        signal: AbortSignal.timeout(20_000),
        ...init,
      }).catch((error: Error) => assert.fail(`${what}: ${error.message}`))
      await response.arrayBuffer()
      assert.ok(response.status < 500, `${what}: ${response.status}`)
      return response
    }
    const postJson = (path: string, body: string) =>
      assertAnswered(`POST ${path} ${body.slice(0, 80)}`, path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })

    for (const path of posted)
      test(`${path} answers whatever its body holds`, async () => {
        const bodies = hostileJson.flatMap((value) => [
          value,
          `{${parameters.map((name) => `"${name}":${value}`).join(',')}}`,
        ])
        for (const value of hostileJson.slice(0, 2))
          for (const name of parameters) bodies.push(`{"${name}":${value}}`)
        await Promise.all(bodies.map((body) => postJson(path, body)))
        for (const value of hostileText)
          await assertAnswered(`POST ${path} ${value.slice(0, 40)}`, path, {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: `${parameters.map((name) => `${name}=${value}`).join('&')}&${value}=a`,
          })
      })

    test('every page and endpoint answers whatever its query and path hold', async () => {
      for (const value of hostileText) {
        const names = value.length > 100 ? parameters.slice(0, 1) : parameters
        const whole = names.map((name) => `${name}=${value}`).join('&')
        const queries = [whole, `${value}=a`, ...(value === '%00' ? whole.split('&') : [])]
        const urls = read.flatMap((path) => [
          ...queries.map((query) => `${path}?${query}`),
          `${path}/${value}`,
        ])
        await Promise.all(urls.map((url) => assertAnswered(`GET ${url.slice(0, 80)}`, url)))
      }
    })

    test('a known application changes nothing about it', async () => {
      for (const value of ['%00', 'a%00b', '%ED%A0%80', 'urn%3Arolecall%3Aapi%3AAA'])
        for (const name of [
          'audience',
          'resource',
          'scope',
          'state',
          'nonce',
          'login_hint',
          'id_token_hint',
        ]) {
          const query = `client_id=${server.clientId}&redirect_uri=x&response_type=code&${name}=${value}`
          await assertAnswered(`GET /authorize ${name}=${value}`, `/authorize?${query}`)
          await assertAnswered(`POST /oauth/token ${name}=${value}`, '/oauth/token', {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: `grant_type=client_credentials&${query}`,
          })
        }
    })

    test('headers that carry encoded text are read safely: Basic credentials, bearer tokens, cookies, hints', async () => {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const hints = [
        { aud: '\0', sub: '\0' },
        { aud: ['\0'] },
        { aud: 5 },
        null,
        { iss: server.issuer, aud: 'a\0' },
      ]
      const tokens = hints.map((claims) => `${part({ alg: 'RS256', kid: '\0' })}.${part(claims)}.AAAA`)
      const headers = [
        ...['%00:%00', '%ED%A0%80:x', '%:%', '\0:\0', ':', 'x', '%FF:%FF'].map((pair) => ({
          authorization: `Basic ${btoa(pair)}`,
        })),
        { authorization: 'Basic %%%' },
        ...tokens.map((token) => ({ authorization: `Bearer ${token}` })),
        ...['%00', '%ED%A0%80', '%', 'x'.repeat(4_000)].map((value) => ({
          cookie: `rolecall_session=${value}; rolecall_interaction=${value}; rolecall_resume=${value}; rolecall_csrf=${value}`,
        })),
        { accept: 'text/html' },
        { origin: '%00', 'content-type': 'application/json; charset=\\' },
        { 'if-match': '\u00ff', 'x-correlation-id': '\u00ff', 'user-agent': '\u00ff' },
      ]
      for (const header of headers) {
        const what = JSON.stringify(header).slice(0, 80)
        const body = new URLSearchParams({ grant_type: 'client_credentials', token: 'x' })
        await Promise.all([
          ...read.map((path) => assertAnswered(`GET ${path} ${what}`, path, { headers: header })),
          ...posted.map((path) =>
            assertAnswered(`POST ${path} ${what}`, path, { method: 'POST', headers: header, body }),
          ),
        ])
      }
      for (const token of tokens) await assertAnswered(`hint ${token}`, `/oidc/logout?id_token_hint=${token}`)
    })

    test('text that no database stores is refused in the form of the surface', async () => {
      const json = await fetch(new URL('/oauth/token', server.issuer), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: String.raw`{"grant_type":"\ud800"}`,
      })
      assert.deepEqual(
        [json.status, ((await json.json()) as { error: string }).error],
        [400, 'invalid_request'],
      )
      const page = await fetch(new URL('/authorize?client_id=%00', server.issuer), {
        headers: { accept: 'text/html,*/*;q=0.8' },
      })
      assert.equal(page.status, 400)
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
      assert.match(await page.text(), /<h1>Something went wrong<\/h1>/)
    })

    test('an authorization request that is too long is refused as a page, by GET and by POST', async () => {
      const state = 'x'.repeat(13_000)
      const long = await fetch(new URL(`/authorize?state=${state}`, server.issuer), {
        headers: { accept: 'text/html' },
      })
      assert.equal(long.status, 414)
      assert.match(await long.text(), /<h1>The request is too large<\/h1>/)
      for (const path of ['/authorize', '/oidc/logout'])
        for (const body of [
          `state=${state}`,
          `state=${'x'.repeat(900_000)}`,
          `state=${'%22'.repeat(8_000)}`,
        ]) {
          const { status, headers } = await assertAnswered(`POST ${path} of ${body.length}`, path, {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
            body,
          })
          assert.ok(status === 413 || status === 400, `${status}`)
          assert.equal(headers.get('location'), null)
        }
    })

    test('more parameters than a request needs are refused', async () => {
      const { status } = await assertAnswered('many parameters', '/oauth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Array.from({ length: 50_000 }, (_, i) => `p${i}=1`).join('&'),
      })
      assert.equal(status, 400)
    })
  })

for (const kind of stores.slice(0, 1))
  describe('a request that does not arrive in full', { timeout: 50_000 }, () => {
    const server = tutorialServer(kind)

    test('has 20 seconds, then 408', async () => {
      const head = 'POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n'
      const sent = [head, `${head}content-type: application/json\r\n\r\n{"grant`].map(async (part) => {
        const socket = connect(Number(new URL(server.issuer).port), '127.0.0.1')
        socket.write(part)
        return text(socket)
      })
      for (const answer of await Promise.all(sent)) assert.match(answer, /^HTTP\/1\.1 408 /)
    })
  })
