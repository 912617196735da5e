import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, callback } from '../../testing/tutorial.ts'

/** Spellings that have fooled authorization servers before: CVE-2023-6291, -2024-1132, -2024-8883, -2026-3872 and kin. */
const mutations = [
  `${callback}/`,
  `${callback}/extra`,
  `${callback}?extra=1`,
  `${callback}#fragment`,
  `${callback}/..`,
  `${callback}/../admin`,
  `${callback}/..;/admin`,
  `${callback}/%2e%2e/admin`,
  `${callback}%252f`,
  `${callback}\\admin`,
  `${callback}\tx`,
  callback.toUpperCase(),
  callback.replace('callback', 'Callback'),
  callback.replace('4040', '4041'),
  callback.replace('http:', 'https:'),
  callback.replace('localhost', 'localhost@evil.example'),
  callback.replace('localhost', 'localhost.evil.example'),
  callback.replace('localhost:4040', 'localhost:4040@evil.example'),
  callback.replace('localhost', 'evil.localhost'),
  callback.replace('localhost', 'locаlhost'),
  callback.replace('localhost', '127.0.0.1'),
  '//evil.example/callback',
  '/\\evil.example',
  'javascript:alert(1)',
  'data:text/html,hello',
  '',
]

for (const store of stores) {
  describe(`The authorization endpoint redirects to registered addresses only (RFC 9700 §2.1, §4.1) (${store.name})`, () => {
    const server = tutorialServer(store)
    const firstAnswer = (url: string) => fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } })

    for (const redirectUri of mutations) {
      test(`refuses ${JSON.stringify(redirectUri)} with a page`, async () => {
        const { url } = authorizationRequest(server, server.clientId, { redirect_uri: redirectUri })
        const response = await firstAnswer(url)
        assert.equal(response.status, 400)
        assert.equal(response.headers.get('location'), null)
        assert.match(await response.text(), /<h1>/)
      })
    }

    test('refuses a missing redirect URI and an unknown application with a page', async () => {
      for (const url of [
        authorizationRequest(server, server.clientId, { redirect_uri: undefined }).url,
        authorizationRequest(server, 'unknown-application').url,
        authorizationRequest(server, '__proto__').url,
        new URL('/authorize', server.issuer).href,
      ]) {
        const response = await firstAnswer(url)
        assert.ok(response.status === 400 || response.status === 401, `${url} gave ${response.status}`)
        assert.equal(response.headers.get('location'), null)
      }
    })

    test('refuses every parameter that is given twice (CVE-2026-9689)', async () => {
      const { url } = authorizationRequest(server, server.clientId)
      for (const [name, value] of new URL(url).searchParams) {
        const doubled = new URL(url)
        doubled.searchParams.append(name, value)
        const response = await firstAnswer(doubled.href)
        const location = response.headers.get('location')
        const error = location
          ? new URL(location).searchParams.get('error')
          : /invalid_request/.exec(await response.text())?.[0]
        assert.equal(error, 'invalid_request', name)
        if (location) assert.equal(new URL(location).origin, 'http://localhost:4040', name)
      }
    })

    test('lets a native application vary the port of a loopback address, and nothing else (RFC 8252 §7.3)', async () => {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Native client',
          app_type: 'native',
          callbacks: ['http://127.0.0.1/cb'],
        }),
      )
      const begin = async (redirectUri: string) =>
        (
          await firstAnswer(
            authorizationRequest(server, application.clientId, { redirect_uri: redirectUri }).url,
          )
        ).status
      assert.equal(await begin('http://127.0.0.1:49152/cb'), 303)
      for (const wrong of [
        'http://localhost:49152/cb',
        'http://127.0.0.1:49152/other',
        'http://127.0.0.1.evil.example/cb',
        'https://127.0.0.1:49152/cb',
        'http://127.0.0.1:49152@evil.example/cb',
      ])
        assert.equal(await begin(wrong), 400, wrong)
    })

    test('takes no unsupported response type or mode, no request object, and fetches no request_uri', async () => {
      const errorOf = async (params: Record<string, string>) => {
        const { headers } = await firstAnswer(authorizationRequest(server, server.clientId, params).url)
        const target = new URL(headers.get('location') ?? '')
        return target.searchParams.get('error') ?? new URLSearchParams(target.hash.slice(1)).get('error')
      }
      assert.equal(
        await errorOf({ response_type: 'token', response_mode: 'fragment' }),
        'unsupported_response_type',
      )
      assert.equal(
        await errorOf({ response_type: 'id_token token', response_mode: 'fragment' }),
        'unsupported_response_type',
      )
      assert.equal(await errorOf({ response_mode: 'carrier_pigeon' }), 'unsupported_response_mode')
      assert.equal(await errorOf({ response_type: 'id_token', response_mode: 'fragment' }), 'invalid_request')
      assert.equal(await errorOf({ request: 'eyJhbGciOiJub25lIn0.e30.' }), 'request_not_supported')
      assert.equal(await errorOf({ request_uri: `${server.issuer}healthz` }), 'request_uri_not_supported')
      assert.equal(await errorOf({ prompt: 'none login' }), 'invalid_request')
    })

    test('an error page shows what was sent as text, never as markup', async () => {
      const browser = new Browser(server.issuer)
      const page = await browser.open(
        authorizationRequest(server, '<script>alert(1)</script>', { state: '"><img src=x>' }).url,
      )
      assert.doesNotMatch(page.text, /<script|<img/)
    })
  })
}
