import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, formsOf } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  audience,
  authorizationRequest,
  callback,
  destination,
  logIn,
  password,
} from '../../testing/tutorial.ts'

for (const store of stores) {
  describe(`The pages of an authorization request (${store.name})`, () => {
    const server = tutorialServer(store)
    const begin = async (params: Record<string, string | undefined> = {}, clientId = server.clientId) => {
      const browser = new Browser(server.issuer)
      return { browser, page: await browser.open(authorizationRequest(server, clientId, params).url) }
    }

    test('take the blame for a failure of the server', async () => {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name: 'Damaged', callbacks: [callback] }),
      )
      const { db } = server.ctx.store
      await db
        .updateTable('applications')
        .set({ data: 'null' })
        .where('client_id', '=', application.clientId)
        .execute()
      const { page } = await begin({}, application.clientId)
      assert.equal(page.status, 500)
      assert.match(page.text, /The server failed\. Its log tells why\./)
      assert.doesNotMatch(page.text, /oops|cannot be answered|JSON/)
    })

    test('carry no script, are in no frame and no cache, and leak no address (ASVS 3.4)', async () => {
      const { page } = await begin()
      const policy = page.headers.get('content-security-policy') ?? ''
      for (const rule of [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
      ])
        assert.match(policy, new RegExp(rule))
      assert.doesNotMatch(policy, /unsafe|script-src/)
      assert.doesNotMatch(page.text, /<script|style=|onclick/)
      assert.equal(page.headers.get('x-frame-options'), 'DENY')
      assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
      assert.equal(page.headers.get('x-content-type-options'), 'nosniff')
      assert.equal(page.headers.get('cache-control'), 'no-store')
    })

    test('set cookies that scripts cannot read and other sites do not send', async () => {
      const { url } = authorizationRequest(server, server.clientId)
      const response = await fetch(url, { redirect: 'manual' })
      const cookies = response.headers.getSetCookie()
      assert.ok(cookies.length > 0)
      for (const cookie of cookies) {
        assert.match(cookie, /;\s*httponly/i)
        assert.match(cookie, /;\s*samesite=(lax|strict)/i)
      }
    })

    test('take no form without its token, with another page’s, or from another site (RFC 9700 §4.7)', async () => {
      const { browser, page } = await begin()
      const other = await begin()
      const [form = assert.fail()] = formsOf(page)
      const [foreign = assert.fail()] = formsOf(other.page)
      const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
        browser.open(form.action, {
          method: 'POST',
          body: new URLSearchParams({ ...fields, email: 'admin@example.com', password }),
          headers,
        })
      for (const answer of [
        await send({}),
        await send({ _csrf: '' }),
        await send({ _csrf: foreign.fields['_csrf'] ?? '' }),
        await send(form.fields, { 'sec-fetch-site': 'cross-site' }),
        await send(form.fields, { origin: 'https://evil.example' }),
      ]) {
        assert.equal(answer.status, 403)
        assert.equal(answer.headers.get('location'), null)
      }
    })

    test('belong to the browser that began: a link to somebody’s log-in signs nobody in (login CSRF)', async () => {
      const attacker = await begin()
      const victim = new Browser(server.issuer)
      const page = await victim.open(attacker.page.url)
      assert.equal(page.status, 400)
      assert.match(page.text, /This page has expired/)
    })

    test('give a new session id at log-in: one that was planted is worth nothing (fixation)', async () => {
      const { browser, page } = await begin()
      const planted = browser.cookies.filter(({ name }) => name.startsWith('rolecall_session'))
      await browser.submit(page, { email: 'admin@example.com', password })
      const thief = new Browser(server.issuer)
      thief.steal(planted)
      const silent = await thief.open(authorizationRequest(server, server.clientId, { prompt: 'none' }).url)
      assert.equal(destination(silent).searchParams.get('error'), 'login_required')
    })

    test('never answer a password with a redirect that would repeat it (RFC 9700 §4.12)', async () => {
      const { browser, page } = await begin()
      const [form = assert.fail()] = formsOf(page)
      const response = await fetch(new URL(form.action, server.issuer), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ...form.fields, email: 'admin@example.com', password }),
        headers: {
          cookie: browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        },
      })
      assert.equal(response.status, 303)
    })

    test('ask for consent where the application is not the tenant’s own, and take no for an answer', async () => {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Third-party client',
          app_type: 'spa',
          callbacks: [callback],
          is_first_party: false,
        }),
      )
      const params = { scope: 'openid email read:admin-messages', audience }
      const { browser, page } = await begin(params, application.clientId)
      const consent = await browser.submit(page, { email: 'admin@example.com', password })
      assert.match(consent.text, /Third-party client would like to/)
      assert.match(consent.text, /Read admin messages/)
      const refused = await browser.submit(consent, { decision: 'decline' })
      assert.equal(destination(refused).searchParams.get('error'), 'access_denied')

      const second = await browser.open(authorizationRequest(server, application.clientId, params).url)
      const granted = await browser.submit(second, { decision: 'accept' })
      assert.ok(destination(granted).searchParams.get('code'))
      const silent = { ...params, prompt: 'none' }
      const other = await logIn(server, server.clientId, 'member@example.com')
      const asked = await other.browser.open(authorizationRequest(server, application.clientId, silent).url)
      assert.equal(destination(asked).searchParams.get('error'), 'consent_required')
    })

    test('slow down guesses, and say for how long', async () => {
      const { browser, page } = await begin()
      let answer = page
      for (let guess = 0; guess < 30 && answer.status !== 429; guess++)
        answer = await browser.submit(page, { email: 'member@example.com', password: `guess ${guess}` })
      assert.equal(answer.status, 429)
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
    })
  })
}
