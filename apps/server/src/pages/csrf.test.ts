import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSealer } from '../crypto/sealer.ts'
import { testConfig } from '../testing/config.ts'
import { checkCsrf, issueCsrf } from './csrf.ts'

const config = testConfig({ issuer: 'https://id.example.com/' })
const ctx = { config, sealer: createSealer(randomBytes(32)) }
const purpose = 'interaction-1'

/** A page fetched by a browser, and the form it sends. */
function visit() {
  const { token, setCookie } = issueCsrf(ctx, purpose, undefined)
  const cookie = setCookie.split(';', 1)[0] ?? ''
  return { token, setCookie, cookie }
}

const own = { origin: 'https://id.example.com', 'sec-fetch-site': 'same-origin' }

test('a form of our own page, in the same browser, is accepted', () => {
  const { token, cookie } = visit()
  assert.equal(checkCsrf(ctx, { headers: { ...own, cookie }, purpose, token }), true)
})

test('two pages open in one browser both work', () => {
  const { token, cookie } = visit()
  const other = issueCsrf(ctx, 'interaction-2', cookie)
  assert.equal(other.setCookie.split(';', 1)[0], cookie)
  assert.equal(checkCsrf(ctx, { headers: { ...own, cookie }, purpose, token }), true)
  assert.equal(
    checkCsrf(ctx, { headers: { ...own, cookie }, purpose: 'interaction-2', token: other.token }),
    true,
  )
})

const { token, cookie } = visit()
const stranger = visit()
const refused: Record<string, Parameters<typeof checkCsrf>[1]> = {
  'no token': { headers: { ...own, cookie }, purpose, token: undefined },
  'an empty token': { headers: { ...own, cookie }, purpose, token: '' },
  'two tokens': { headers: { ...own, cookie }, purpose, token: [token, token] },
  'no cookie': { headers: own, purpose, token },
  'the token of another purpose': { headers: { ...own, cookie }, purpose: 'interaction-2', token },
  'the token of another browser: login CSRF': { headers: { ...own, cookie }, purpose, token: stranger.token },
  'another browser with our token': { headers: { ...own, cookie: stranger.cookie }, purpose, token },
  'a cookie of an attacker’s making': {
    headers: { ...own, cookie: '__Host-rolecall_csrf=x' },
    purpose,
    token,
  },
  'a cookie without the prefix, as a subdomain can set': {
    headers: { ...own, cookie: cookie.replace('__Host-', '') },
    purpose,
    token,
  },
  'a foreign origin': { headers: { cookie, origin: 'https://evil.example' }, purpose, token },
  'an origin that begins like ours': {
    headers: { cookie, origin: 'https://id.example.com.evil.example' },
    purpose,
    token,
  },
  'our host without https': { headers: { cookie, origin: 'http://id.example.com' }, purpose, token },
  'another site, by Sec-Fetch-Site': {
    headers: { ...own, cookie, 'sec-fetch-site': 'cross-site' },
    purpose,
    token,
  },
  'a sibling domain, by Sec-Fetch-Site': {
    headers: { ...own, cookie, 'sec-fetch-site': 'same-site' },
    purpose,
    token,
  },
}
for (const [what, submission] of Object.entries(refused))
  test(`${what} is refused`, () => {
    assert.equal(checkCsrf(ctx, submission), false)
  })

test('a page under no-referrer sends Origin: null, which is accepted from ourselves alone', () => {
  const headers = { cookie, origin: 'null' }
  assert.equal(
    checkCsrf(ctx, { headers: { ...headers, 'sec-fetch-site': 'same-origin' }, purpose, token }),
    true,
  )
  assert.equal(
    checkCsrf(ctx, { headers: { ...headers, 'sec-fetch-site': 'cross-site' }, purpose, token }),
    false,
  )
})

test('a token of another server’s key is refused', () => {
  const elsewhere = { config, sealer: createSealer(randomBytes(32)) }
  assert.equal(checkCsrf(elsewhere, { headers: { ...own, cookie }, purpose, token }), false)
})

test('the cookie is for this host, https and no script (ASVS 3.3.1 to 3.3.4)', () => {
  assert.match(visit().setCookie, /^__Host-rolecall_csrf=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  const plain = { ...ctx, config: { ...config, issuer: 'http://localhost:5050/' } }
  assert.match(
    issueCsrf(plain, purpose, undefined).setCookie,
    /^rolecall_csrf=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
  )
})
