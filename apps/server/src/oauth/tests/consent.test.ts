import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { createApi, deleteApi, updateApi } from '../../apis/apis.ts'
import { createApplication, deleteApplication } from '../../applications/applications.ts'
import type { Application } from '../../applications/store.ts'
import { deleteConsentAndAccess } from '../../consents/consents.ts'
import { listConsents } from '../../consents/lists.ts'
import { hashPassword } from '../../crypto/argon2.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  authorizationRequest,
  callback,
  destination,
  password,
  redeem,
  refresh,
} from '../../testing/tutorial.ts'
import { createUser, deleteUser } from '../../users/users.ts'

const apiA = 'https://a.consent.example.com'
const apiB = 'https://b.consent.example.com'

for (const store of stores) {
  describe(`Consent to an application that is not first-party (${store.name})`, () => {
    const server = tutorialServer(store)
    let count = 0
    let client: Application
    let passwordHash: string

    before(async () => {
      passwordHash = await hashPassword(password)
      for (const [name, identifier] of [
        ['Alpha API', apiA],
        ['Beta API', apiB],
      ] as const)
        await transaction(server.ctx, (tx) =>
          createApi(tx, server.ctx.sealer, {
            name,
            identifier,
            allowOfflineAccess: true,
            permissions: ['read:x', 'write:x'].map((value) => ({ value, description: `May ${value}` })),
          }),
        )
    })

    /** A user and a third-party application of the test's own. */
    async function somebody() {
      const email = `person-${count++}@example.com`
      const user = await transaction(server.ctx, (tx) =>
        createUser(tx, {
          connection: 'Username-Password-Authentication',
          email,
          passwordHash,
        }),
      )
      client = await thirdParty()
      return { email, user }
    }

    async function thirdParty(): Promise<Application> {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: `Partner ${count++}`,
          app_type: 'spa',
          callbacks: [callback],
          is_first_party: false,
        }),
      )
      return application
    }

    const request = (params: Record<string, string | undefined>) =>
      authorizationRequest(server, client.clientId, { scope: 'openid read:x', ...params })

    /** Logs in in a fresh browser, where that is needed. @returns the page that follows */
    async function begin(email: string, params: Record<string, string | undefined>) {
      const browser = new Browser(server.issuer)
      const asked = request(params)
      const page = await browser.submit(await browser.open(asked.url), { email, password })
      return { browser, page, asked }
    }

    const allow = (browser: Browser, page: Page) => browser.submit(page, { decision: 'accept' })
    const codeOf = (page: Page) => destination(page).searchParams.get('code') ?? ''
    const errorOf = (page: Page) => destination(page).searchParams.get('error')
    const consentsOf = (userId: string) =>
      listConsents(server.ctx.store.db, { userId }).slice({ offset: 0, limit: 10 })

    test('is kept by API: a silent request for the first still works after consent to a second', async () => {
      const { email } = await somebody()
      const { browser, page } = await begin(email, { audience: apiA })
      assert.ok(codeOf(await allow(browser, page)))
      const second = await browser.open(request({ audience: apiB }).url)
      assert.match(second.text, /With Beta API/)
      assert.ok(codeOf(await allow(browser, second)))
      for (const audience of [apiA, apiB]) {
        const asked = request({ audience, prompt: 'none' })
        const code = codeOf(await browser.open(asked.url))
        const { body } = await redeem(server, client.clientId, { code, request: asked })
        assert.equal(decodeJwt(body.access_token)['scope'], 'openid read:x', audience)
      }
    })

    test('holds in another browser of the same user', async () => {
      const { email } = await somebody()
      const first = await begin(email, { audience: apiA })
      assert.ok(codeOf(await allow(first.browser, first.page)))
      const other = await begin(email, { audience: apiA })
      assert.ok(codeOf(other.page), 'the log-in alone is enough')
      const silent = await other.browser.open(request({ audience: apiA, prompt: 'none' }).url)
      assert.ok(codeOf(silent))
    })

    test('holds for that user and that application alone', async () => {
      const { email } = await somebody()
      const first = await begin(email, { audience: apiA })
      assert.ok(codeOf(await allow(first.browser, first.page)))
      const [partner, stranger] = [client, await somebody()]
      client = partner
      const others = await begin(stranger.email, { audience: apiA })
      assert.match(others.page.text, /Allow access\?/)
      client = await thirdParty()
      const silent = await first.browser.open(request({ audience: apiA, prompt: 'none' }).url)
      assert.equal(errorOf(silent), 'consent_required')
    })

    test('to one API says nothing of another, whose token could carry all permissions of the user', async () => {
      const { email } = await somebody()
      const { browser, page } = await begin(email, { audience: apiA, scope: 'openid' })
      assert.match(page.text, /With Alpha API/)
      assert.ok(codeOf(await allow(browser, page)))
      for (const audience of [apiB, undefined]) {
        const silent = await browser.open(request({ audience, scope: 'openid', prompt: 'none' }).url)
        assert.equal(errorOf(silent), 'consent_required')
      }
    })

    test('is asked again for new scopes, and for the new ones alone', async () => {
      const { email } = await somebody()
      const { browser, page } = await begin(email, { audience: apiA, scope: 'openid read:x' })
      assert.ok(codeOf(await allow(browser, page)))
      const wider = { audience: apiA, scope: 'openid email read:x write:x' }
      assert.equal(errorOf(await browser.open(request({ ...wider, prompt: 'none' }).url)), 'consent_required')
      const more = await browser.open(request(wider).url)
      assert.match(more.text, /May write:x/)
      assert.match(more.text, /read your email address/)
      assert.doesNotMatch(more.text, /May read:x|know who you are/)
      assert.ok(codeOf(await allow(browser, more)))
      const narrower = await browser.open(request({ audience: apiA, prompt: 'none' }).url)
      assert.ok(codeOf(narrower), 'less is allowed already')
      assert.ok(codeOf(await browser.open(request({ ...wider, prompt: 'none' }).url)))
    })

    test('is always asked for with prompt=consent, all of it, of first-party applications too', async () => {
      const { email } = await somebody()
      const { browser, page } = await begin(email, { audience: apiA })
      assert.ok(codeOf(await allow(browser, page)))
      const again = await browser.open(request({ audience: apiA, prompt: 'consent' }).url)
      assert.match(again.text, /May read:x/)
      const refused = await browser.submit(again, { decision: 'decline' })
      assert.equal(errorOf(refused), 'access_denied')
      assert.ok(codeOf(await browser.open(request({ audience: apiA, prompt: 'none' }).url)), 'and is kept')

      const own = authorizationRequest(server, server.clientId, { prompt: 'consent' })
      const asked = await browser.open(own.url)
      assert.match(asked.text, /Allow access\?/)
      assert.ok(codeOf(await allow(browser, asked)))
    })

    for (const prompt of ['consent', undefined])
      test(`with offline_access gives a refresh token (prompt ${prompt ?? 'not given'})`, async () => {
        const { email } = await somebody()
        for (const params of [
          { scope: 'openid offline_access', audience: apiA },
          { scope: 'openid offline_access', audience: undefined },
        ]) {
          const { browser, page, asked } = await begin(email, { ...params, prompt })
          assert.match(page.text, /stay connected while you are away/)
          const code = codeOf(await allow(browser, page))
          const { status, body } = await redeem(server, client.clientId, { code, request: asked })
          assert.equal(status, 200)
          const again = await refresh(server, client.clientId, body.refresh_token)
          assert.equal(again.status, 200)
        }
      })

    test('grants no scope that the API does not have, even if it gets one of that name later', async () => {
      const { email } = await somebody()
      const asked = { audience: apiA, scope: 'openid read:later' }
      const { browser, page } = await begin(email, asked)
      assert.doesNotMatch(page.text, /read:later/)
      assert.ok(codeOf(await allow(browser, page)))
      const permissions = ['read:x', 'write:x', 'read:later'].map((value) => ({
        value,
        description: `May ${value}`,
      }))
      await transaction(server.ctx, (tx) => updateApi(tx, server.ctx.sealer, apiA, { permissions }))
      const silent = await browser.open(request({ ...asked, prompt: 'none' }).url)
      assert.equal(errorOf(silent), 'consent_required')
      await transaction(server.ctx, (tx) =>
        updateApi(tx, server.ctx.sealer, apiA, { permissions: permissions.slice(0, 2) }),
      )
    })

    test('sent twice at once is one consent', async () => {
      const { email, user } = await somebody()
      const tabs = await Promise.all([
        begin(email, { audience: apiA, scope: 'openid read:x' }),
        begin(email, { audience: apiA, scope: 'openid write:x' }),
        begin(email, { audience: apiA, scope: 'openid email' }),
      ])
      const pages = await Promise.all(tabs.map(({ browser, page }) => allow(browser, page)))
      for (const page of pages) assert.ok(codeOf(page))
      const kept = await consentsOf(user.userId)
      assert.deepEqual(
        kept.map(({ scope }) => scope),
        [['email', 'openid', 'read:x', 'write:x']],
      )
    })

    test('is asked for after the log-in, and no page of it logs anybody else in', async () => {
      const victim = await somebody()
      const { email } = await somebody()
      const { browser, page } = await begin(email, { audience: apiA })
      assert.match(page.text, /Allow access\?/)
      // A password that is checked here would be good for as long as the page is, even after its change.
      for (const step of ['login', 'sign-up', 'passkey', 'provider', 'factor', 'enrol', 'continue', 'link']) {
        const moved = { ...page, text: page.text.replace('/consent"', `/${step}"`) }
        const refused = await browser.submit(moved, { email: victim.email, password })
        assert.match(refused.text, /This page has expired/, step)
      }
      const account = await browser.open('/account')
      assert.ok(account.text.includes(email))
      const foreign = await browser.submit(page, { _csrf: 'x', decision: 'accept' })
      assert.equal(foreign.status, 403)
      assert.ok(codeOf(await allow(browser, foreign)))

      // Nor is there anything to allow before the log-in.
      const early = await browser.open(request({ audience: apiB, prompt: 'login' }).url)
      const moved = { ...early, text: early.text.replace('/login"', '/consent"') }
      assert.match((await allow(browser, moved)).text, /This page has expired/)
    })

    test('taken back is asked for again, and the refresh token ends at once', async () => {
      const { email, user } = await somebody()
      const params = { audience: apiA, scope: 'openid offline_access' }
      const { browser, page, asked } = await begin(email, params)
      const code = codeOf(await allow(browser, page))
      const { body } = await redeem(server, client.clientId, { code, request: asked })
      const unused = request(params)
      const unusedCode = codeOf(await browser.open(unused.url))
      const [consent = assert.fail()] = await consentsOf(user.userId)
      await transaction(server.ctx, (tx) => deleteConsentAndAccess(tx, consent))

      const refused = await refresh(server, client.clientId, body.refresh_token)
      assert.deepEqual([refused.status, refused.body.error], [403, 'invalid_grant'])
      const late = await redeem(server, client.clientId, { code: unusedCode, request: unused })
      assert.equal(late.status, 403)
      const silent = await browser.open(request({ ...params, prompt: 'none' }).url)
      assert.equal(errorOf(silent), 'consent_required')
      const again = await browser.open(request(params).url)
      assert.ok(codeOf(await allow(browser, again)))
    })

    test('taken back while its page is answered is asked for again', async () => {
      const { email, user } = await somebody()
      const { browser, page } = await begin(email, { audience: apiA })
      const [form = assert.fail()] = formsOf(page)
      const action = new URL(form.action, server.issuer)
      const cookies = browser.cookies.filter(({ path }) => action.pathname.startsWith(path))
      const answered = await fetch(action, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ...form.fields, decision: 'accept' }),
        headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
      })
      const [consent = assert.fail()] = await consentsOf(user.userId)
      await transaction(server.ctx, (tx) => deleteConsentAndAccess(tx, consent))
      const resumed = await browser.open(answered.headers.get('location') ?? '')
      assert.match(resumed.text, /Allow access\?/)
    })

    test('goes with its user, application, API and permission', async () => {
      const { email, user } = await somebody()
      const gone = 'https://gone.consent.example.com'
      await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, {
          identifier: gone,
          permissions: [
            { value: 'read:x', description: 'X' },
            { value: 'read:y', description: 'Y' },
          ],
        }),
      )
      const { browser, page } = await begin(email, { audience: gone, scope: 'openid read:x read:y' })
      assert.ok(codeOf(await allow(browser, page)))
      const second = await browser.open(request({ audience: apiA }).url)
      assert.ok(codeOf(await allow(browser, second)))
      const partner = client
      client = await thirdParty()
      const third = await browser.open(request({ audience: apiB }).url)
      assert.ok(codeOf(await allow(browser, third)))
      const scopes = async () =>
        (await consentsOf(user.userId)).map(({ scope }) => scope.join(' ')).toSorted()

      assert.deepEqual(await scopes(), ['openid read:x', 'openid read:x', 'openid read:x read:y'])
      await transaction(server.ctx, (tx) =>
        updateApi(tx, server.ctx.sealer, gone, { permissions: [{ value: 'read:x', description: 'X' }] }),
      )
      assert.deepEqual(await scopes(), ['openid read:x', 'openid read:x', 'openid read:x'])
      await transaction(server.ctx, (tx) => deleteApi(tx, gone))
      assert.equal((await scopes()).length, 2)
      await transaction(server.ctx, (tx) => deleteApplication(tx, partner.clientId))
      assert.equal((await scopes()).length, 1)
      await transaction(server.ctx, (tx) => deleteUser(tx, user.userId))
      assert.deepEqual(await scopes(), [])
    })
  })
}
