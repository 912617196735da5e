import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { FactorPolicyUpdate } from '@rolecall/contract'
import { decodeJwt } from 'jose'
import { sql } from 'kysely'
import { issueOwnerLink, setupPath } from '../../accounts/owner-links.ts'
import { resetFactors } from '../../factors/factors.ts'
import { multiFactor } from '../../factors/policy.ts'
import { shownCodes, shownSecret, totpCode } from '../../factors/testing.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateFactorPolicy } from '../../tenant/settings.ts'
import { Browser, type Page } from '../../testing/browser.ts'
import { startServer } from '../../testing/server.ts'
import {
  audience,
  authorizationRequest,
  destination,
  logIn,
  makeTutorial,
  password,
  redeem,
  refresh,
} from '../../testing/tutorial.ts'

const email = 'admin@example.com'
const minute = 60_000

for (const kind of stores)
  describe(`second factors on ${kind.name}`, { timeout: 120_000 }, () => {
    /** A server whose clock the test moves, with the objects of the tutorial. */
    async function start(t: TestContext, policy: FactorPolicyUpdate = {}) {
      let ahead = 0
      const clock = () => Date.now() + ahead
      const server = await startServer(t, kind, { clock, config: { trustProxy: ['127.0.0.1'] } })
      const tutorial = await makeTutorial(server.ctx)
      const setPolicy = (update: FactorPolicyUpdate) =>
        transaction(server.ctx, (tx) => updateFactorPolicy(tx, () => update))
      await setPolicy(policy)
      const { clientId } = tutorial.spa
      return {
        ...server,
        ...tutorial,
        clock,
        setPolicy,
        clientId,
        wait: (ms: number) => {
          ahead += ms
        },
        /** Types the password in a new browser. */
        async typePassword(
          params: Record<string, string> = {},
          browser = new Browser(server.issuer),
          typed = password,
        ) {
          const request = authorizationRequest(server, clientId, params)
          const page = await browser.open(request.url)
          return { browser, request, page: await browser.submit(page, { email, password: typed }) }
        },
        tokens: (code: string, request: ReturnType<typeof authorizationRequest>) =>
          redeem(server, clientId, { code, request }),
      }
    }
    type Started = Awaited<ReturnType<typeof start>>

    /** Sets an app up in a log-in for which the policy requires it. */
    async function enrol(server: Started, params: Record<string, string> = { acr_values: multiFactor }) {
      const { browser, request, page } = await server.typePassword(params)
      const secret = shownSecret(page)
      const shown = await browser.submit(page, { code: totpCode(secret, server.clock()) })
      const done = await browser.submit(shown)
      const code = destination(done).searchParams.get('code') ?? ''
      // The code of this step is used up.
      server.wait(minute)
      return { browser, request, code, secret, codes: shownCodes(shown) }
    }

    const codeOf = (page: Page) => destination(page).searchParams.get('code') ?? ''
    const silently = async (server: Started, browser: Browser, params: Record<string, string> = {}) =>
      destination(
        await browser.open(authorizationRequest(server, server.clientId, { prompt: 'none', ...params }).url),
      ).searchParams

    it('are set up in a log-in where the policy requires one, and are in the tokens', async (t) => {
      const server = await start(t, { policy: 'required' })
      const { browser, request, page } = await server.typePassword()
      assert.match(page.text, /Set up a second factor/)
      assert.match(page.text, /<svg/)
      const secret = shownSecret(page)

      const wrong = await browser.submit(page, { code: '000000' })
      assert.equal(wrong.status, 400)
      assert.match(wrong.text, /Wrong code/)
      assert.equal(shownSecret(wrong), secret, 'the app that was set up stays valid')

      const shown = await browser.submit(wrong, { code: totpCode(secret, server.clock()) })
      const codes = shownCodes(shown)
      assert.equal(new Set(codes).size, 8)
      for (const code of codes) assert.match(code, /^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/)

      const done = await browser.submit(shown)
      const { body } = await server.tokens(codeOf(done), request)
      const idToken = decodeJwt(body.id_token)
      assert.deepEqual(idToken['amr'], ['pwd', 'otp', 'mfa'])
      assert.equal(idToken['acr'], multiFactor)
      const accessToken = decodeJwt(body.access_token)
      assert.equal(accessToken['acr'], multiFactor)
      assert.deepEqual(accessToken['amr'], ['pwd', 'otp', 'mfa'])
      assert.equal(typeof accessToken['auth_time'], 'number')

      const renewed = await refresh(server, server.clientId, body.refresh_token)
      const later = decodeJwt(renewed.body.access_token)
      for (const claim of ['acr', 'amr', 'auth_time'])
        assert.deepEqual(later[claim], accessToken[claim], `RFC 9068 §2.2.1: ${claim} stays`)
      assert.equal((await silently(server, browser)).get('error'), null)
    })

    it('are asked for at the next log-in, and a password alone gives no session', async (t) => {
      const server = await start(t)
      const { secret } = await enrol(server)
      const { browser, page } = await server.typePassword()
      assert.match(page.text, /Enter a code/)
      assert.equal((await silently(server, browser)).get('error'), 'login_required')

      const done = await browser.submit(page, { code: totpCode(secret, server.clock()) })
      assert.ok(codeOf(done))
      assert.equal((await silently(server, browser)).get('error'), null)
    })

    it('stay out of a log-in without one, where nothing requires it', async (t) => {
      const server = await start(t)
      const { code, request } = await logIn(server, server.clientId, email)
      const { body } = await server.tokens(code, request)
      assert.deepEqual(decodeJwt(body.id_token)['amr'], ['pwd'])
      assert.equal(decodeJwt(body.access_token)['acr'], undefined)
    })

    it('take a code once: not again, not an earlier one, and of ten parallel uses one', async (t) => {
      const server = await start(t)
      const { secret } = await enrol(server)
      const now = server.clock()
      const [earlier, code] = [totpCode(secret, now - 30_000), totpCode(secret, now)]
      const browsers = await eachTypedPassword(server)
      const pages = await Promise.all(browsers.map(({ browser, page }) => browser.submit(page, { code })))
      assert.equal(pages.filter(({ headers }) => headers.has('location')).length, 1)

      server.wait(24 * 60 * minute)
      const then = server.clock()
      const { browser, page } = await server.typePassword()
      await browser.submit(page, { code: totpCode(secret, then) })
      for (const used of [totpCode(secret, then), totpCode(secret, then - 30_000), earlier]) {
        const again = await server.typePassword()
        const refused = await again.browser.submit(again.page, { code: used })
        assert.equal(refused.status, 400)
        assert.match(refused.text, /used already/)
      }
    })

    it('pause after five wrong codes, for every network and also for a right code', async (t) => {
      const server = await start(t)
      const { secret, codes } = await enrol(server)
      const { browser, page } = await server.typePassword()
      let last = page
      for (let i = 0; i < 5; i++) last = await browser.submit(last, { code: '000000' })
      assert.equal(last.status, 400)
      const right = totpCode(secret, server.clock())
      const paused = await browser.submit(last, { code: right })
      assert.equal(paused.status, 429)
      assert.ok(Number(paused.headers.get('retry-after')) > 0)

      const elsewhere = new Browser(server.issuer, { 'x-forwarded-for': '198.51.100.7' })
      const other = await server.typePassword({}, elsewhere)
      assert.equal((await elsewhere.submit(other.page, { code: right })).status, 429)
      const recovery = await elsewhere.open(`${other.page.url}?kind=recovery`)
      assert.equal((await elsewhere.submit(recovery, { code: codes[0] ?? '' })).status, 429)

      server.wait(2 * minute)
      const again = await server.typePassword()
      assert.ok(codeOf(await again.browser.submit(again.page, { code: totpCode(secret, server.clock()) })))
    })

    it('are replaced by a recovery code, which works once: of ten parallel uses one', async (t) => {
      const server = await start(t)
      const { codes } = await enrol(server)
      const [first = '', second = ''] = codes
      const use = async (code: string) => {
        const { browser, page } = await server.typePassword()
        const form = await browser.open(`${page.url}?kind=recovery`)
        return browser.submit(form, { code })
      }
      const typed = first.toLowerCase().replaceAll('-', ' ')
      const browsers = await eachTypedPassword(server)
      const pages = await Promise.all(
        browsers.map(async ({ browser, page }) =>
          browser.submit(await browser.open(`${page.url}?kind=recovery`), { code: typed }),
        ),
      )
      assert.equal(pages.filter(({ headers }) => headers.has('location')).length, 1)
      server.wait(24 * 60 * minute)
      assert.equal((await use(first)).status, 400)
      assert.ok(codeOf(await use(second)))
      const { rows } = await sql<{ text: string }>`
        select text from outbox where subject like 'A recovery code%' order by created_at desc`.execute(
        server.ctx.store.db,
      )
      assert.equal(rows.length, 2)
      assert.match(rows[0]?.text ?? '', /6 codes are left/)

      await server.setPolicy({ factors: { 'recovery-code': false } })
      assert.equal((await use(codes[2] ?? '')).status, 400)
    })

    it('belong to the browser that began the log-in', async (t) => {
      const server = await start(t)
      const { secret } = await enrol(server)
      const attacker = await server.typePassword()
      const victim = new Browser(server.issuer)
      // The link of a second step, sent to somebody else.
      assert.match((await victim.open(attacker.page.url)).text, /This page has expired/)
      const code = totpCode(secret, server.clock())
      assert.match((await victim.submit(attacker.page, { code })).text, /This page has expired/)
      // The page of another log-in of the same person does not take this one's form.
      const other = await server.typePassword()
      const [, action] = /action="([^"]*factor)"/.exec(other.page.text) ?? []
      const foreign = {
        ...attacker.page,
        text: attacker.page.text.replace(/action="[^"]*"/, `action="${action}"`),
      }
      assert.equal((await other.browser.submit(foreign, { code })).status, 403)
      assert.ok(codeOf(await attacker.browser.submit(attacker.page, { code })))
    })

    it('are not set up by a link that was sent to somebody, or with the key of another page', async (t) => {
      const server = await start(t, { policy: 'required' })
      const attacker = await server.typePassword()
      const secret = shownSecret(attacker.page)
      const code = totpCode(secret, server.clock())
      const victim = new Browser(server.issuer)
      assert.match((await victim.open(attacker.page.url)).text, /This page has expired/)
      assert.match((await victim.submit(attacker.page, { code })).text, /This page has expired/)

      const [, offer = ''] = /name="offer" value="([^"]*)"/.exec(attacker.page.text) ?? []
      const own = await server.typePassword()
      const refused = await own.browser.submit(own.page, { offer, code })
      assert.equal(refused.status, 400)
      assert.notEqual(shownSecret(refused), secret)
    })

    it('need the password again after ten minutes', async (t) => {
      const server = await start(t)
      const { secret } = await enrol(server)
      const { browser, page } = await server.typePassword()
      server.wait(11 * minute)
      const late = await browser.submit(page, { code: totpCode(secret, server.clock()) })
      assert.match(late.text, /name="password"/)
    })

    it('end every other session when one is set up, and log-ins that were under way', async (t) => {
      const server = await start(t)
      const old = await logIn(server, server.clientId, email)
      const { browser, page } = await server.typePassword({ acr_values: multiFactor })
      const racing = await server.typePassword({ acr_values: multiFactor })
      const shown = await browser.submit(page, { code: totpCode(shownSecret(page), server.clock()) })
      await browser.submit(shown)
      assert.equal((await silently(server, old.browser)).get('error'), 'login_required')
      assert.equal((await silently(server, browser)).get('error'), null)
      const late = await racing.browser.submit(racing.page, {
        code: totpCode(shownSecret(racing.page), server.clock()),
      })
      assert.match(late.text, /name="password"/)
    })

    it('step a session up: the code alone is asked for, the time of the log-in stays, the cookie changes', async (t) => {
      const server = await start(t)
      await enrol(server)
      const { secret } = await reset(server)
      await server.setPolicy({ policy: 'never' })
      const { browser, code, request } = await logIn(server, server.clientId, email)
      const before = decodeJwt((await server.tokens(code, request)).body.access_token)
      await server.setPolicy({ policy: 'optional' })

      const asked = await silently(server, browser)
      assert.equal(asked.get('error'), 'login_required')
      assert.equal(asked.get('error_description'), 'Multifactor authentication required')
      assert.match((await browser.open('/account')).text, /Enter a code/)
      const again = authorizationRequest(server, server.clientId)
      const page = await browser.open(again.url)
      assert.match(page.text, /Enter a code/)
      const cookie = sessionOf(browser)
      const thief = new Browser(server.issuer)
      thief.steal([...browser.cookies].filter(({ name }) => name.startsWith('rolecall_session')))
      const done = await browser.submit(page, { code: totpCode(secret, server.clock()) })
      const after = decodeJwt((await server.tokens(codeOf(done), again)).body.access_token)
      assert.equal(after['acr'], multiFactor)
      assert.equal(after['auth_time'], before['auth_time'])
      assert.notEqual(sessionOf(browser), cookie)
      // Whoever knew the session of before is not stepped up with it.
      assert.equal((await silently(server, thief)).get('error'), 'login_required')
    })

    it('cannot be set up in a session: the password is asked for', async (t) => {
      const server = await start(t)
      const { browser } = await logIn(server, server.clientId, email)
      const page = await browser.open(
        authorizationRequest(server, server.clientId, { acr_values: multiFactor }).url,
      )
      assert.match(page.text, /Log in again to set one up/)
      const direct = await browser.open(`${page.url}/enrol`)
      assert.match(direct.text, /name="password"/)
      const enrolling = await browser.submit(page, { email, password })
      assert.match(enrolling.text, /Set up a second factor/)
      const secret = shownSecret(enrolling)
      const shown = await browser.submit(enrolling, { code: totpCode(secret, server.clock()) })
      assert.ok(codeOf(await browser.submit(shown)))
    })

    it('are required by APIs, roles and owners', async (t) => {
      const server = await start(t)
      const asks = async (params: Record<string, string | undefined> = {}) => {
        const browser = new Browser(server.issuer)
        const page = await browser.open(authorizationRequest(server, server.clientId, params).url)
        return /Set up a second factor/.test((await browser.submit(page, { email, password })).text)
      }
      assert.equal(await asks(), false)
      await server.setPolicy({ apis: [audience] })
      assert.equal(await asks(), true)
      assert.equal(await asks({ audience: undefined }), false)
      await server.setPolicy({ apis: [], roles: [server.role.id] })
      assert.equal(await asks(), true)
      await server.setPolicy({ roles: [], owners: true })
      assert.equal(await asks(), false)
      await server.setPolicy({ policy: 'never', roles: [server.role.id], apis: [audience] })
      assert.equal(await asks(), false)
    })

    it('hold for refresh tokens of earlier log-ins, and a refused refresh changes nothing', async (t) => {
      const server = await start(t)
      const { code, request } = await logIn(server, server.clientId, email)
      const { body } = await server.tokens(code, request)
      for (const update of [{ apis: [audience] }, { policy: 'required' as const }]) {
        await server.setPolicy(update)
        const refused = await refresh(server, server.clientId, body.refresh_token)
        assert.deepEqual([refused.status, refused.body.error], [403, 'mfa_required'])
        await server.setPolicy({ policy: 'optional', apis: [] })
      }
      assert.equal((await refresh(server, server.clientId, body.refresh_token)).status, 200)
    })

    it('cannot be promised where they are switched off', async (t) => {
      const server = await start(t, { policy: 'never' })
      const browser = new Browser(server.issuer)
      const ask = async (acr_values: string) =>
        destination(
          await browser.open(authorizationRequest(server, server.clientId, { acr_values }).url),
        ).searchParams.get('error')
      assert.equal(await ask(multiFactor), 'unmet_authentication_requirements')
      await server.setPolicy({ policy: 'optional' })
      assert.equal(await ask('urn:example:gold'), 'unmet_authentication_requirements')
    })

    it('are not left out by the link that restores an owner', async (t) => {
      const server = await start(t)
      await enrol(server)
      const link = await issueOwnerLink(server.ctx)
      const browser = new Browser(server.issuer)
      const page = await browser.open(link)
      assert.ok(page.url.includes(setupPath))
      await browser.submit(page, { email, password: 'a new and better password' })
      assert.equal(sessionOf(browser), undefined)
      const { page: next } = await server.typePassword({}, browser, 'a new and better password')
      assert.match(next.text, /Enter a code/)
    })

    /** Ten browsers at the second step. One after the other, because the queue of hashes is bounded. */
    async function eachTypedPassword(server: Started) {
      const typed = []
      for (let i = 0; i < 10; i++) typed.push(await server.typePassword())
      return typed
    }

    const sessionOf = (browser: Browser) =>
      browser.cookies.find(({ name }) => name === 'rolecall_session')?.value

    /** Logs in once more with a fresh app. */
    async function reset(server: Started) {
      await transaction(server.ctx, (tx) => resetFactors(server.ctx, tx, server.admin.userId))
      return enrol(server)
    }
  })
