import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { admitAttempt } from '../../accounts/attempts.ts'
import { hashPassword } from '../../crypto/argon2.ts'
import { enrolTotp, offerTotp } from '../../factors/enrolment.ts'
import { multiFactor } from '../../factors/policy.ts'
import { listMethods } from '../../factors/store.ts'
import { totpCode } from '../../factors/testing.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, destination, logIn, password } from '../../testing/tutorial.ts'
import type { User } from '../../users/user.ts'
import { createUser } from '../../users/users.ts'

const minute = 60_000
const passwordHash = hashPassword(password)

for (const kind of stores)
  describe(`the second step of a log-in, attacked, on ${kind.name}`, { timeout: 120_000 }, () => {
    let ahead = 0
    const clock = () => Date.now() + ahead
    const server = tutorialServer(kind, { clock, config: { trustProxy: ['127.0.0.1'] } })
    let count = 0

    async function newUser(): Promise<User> {
      const connection = 'Username-Password-Authentication'
      const hash = await passwordHash
      return transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: `target${++count}@example.com`, passwordHash: hash }),
      )
    }

    /** A user with an app, whose code of this time step is not used up. */
    async function enrolled() {
      const user = await newUser()
      const { secret, sealed } = await offerTotp(server.ctx, user, 'here')
      const code = totpCode(secret, clock())
      const origin = { ip: '127.0.0.1' }
      const outcome = await enrolTotp(server.ctx, user, { binding: 'here', sealed, code, origin })
      assert.ok('user' in outcome)
      ahead += minute
      return { user: outcome.user, secret }
    }

    const request = (params: Record<string, string> = {}) =>
      authorizationRequest(server, server.clientId, params).url
    /** Types the password in a new browser. */
    async function typePassword({ email }: User, browser = new Browser(server.issuer), params = {}) {
      const page = await browser.open(request(params))
      return { browser, page: await browser.submit(page, { email, password }) }
    }
    const silently = async (browser: Browser) =>
      destination(await browser.open(request({ prompt: 'none' }))).searchParams
    const whoIs = async (browser: Browser) => {
      const { text } = await browser.open('/account')
      return /Logged in as ([^<]*)</.exec(text)?.[1]
    }

    /** Sends the form of a page without following where its answer leads: the last address of a log-in. */
    async function lastAddress(
      browser: Browser,
      page: Page,
      fields: Record<string, string>,
    ): Promise<string> {
      const [form] = formsOf(page)
      assert.ok(form)
      const response = await fetch(new URL(form.action, server.issuer), {
        method: 'POST',
        redirect: 'manual',
        headers: {
          origin: new URL(server.issuer).origin,
          'sec-fetch-site': 'same-origin',
          cookie: browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        },
        body: new URLSearchParams({ ...form.fields, ...fields }),
      })
      await response.body?.cancel()
      assert.equal(response.status, 303)
      return response.headers.get('location') ?? ''
    }

    it('logs nobody in by a link of a log-in that somebody else has completed', async () => {
      const attacker = await enrolled()
      const step = await typePassword(attacker.user)
      const code = totpCode(attacker.secret, clock())
      const link = await lastAddress(step.browser, step.page, { code })
      assert.match(link, /\/authorize\//)

      const stranger = new Browser(server.issuer)
      assert.equal((await stranger.open(link)).headers.get('location'), null)
      assert.equal((await silently(stranger)).get('error'), 'login_required')

      const victim = await enrolled()
      const there = await typePassword(victim.user)
      await there.browser.submit(there.page, { code: totpCode(victim.secret, clock()) })
      assert.equal(await whoIs(there.browser), victim.user.email)
      assert.equal((await there.browser.open(link)).headers.get('location'), null)
      assert.equal(await whoIs(there.browser), victim.user.email)
      // The browser that began it can still go on.
      assert.ok(destination(await step.browser.open(link)).searchParams.get('code'))
    })

    it('takes no code for the account of another person in the same browser', async () => {
      const [victim, attacker] = [await enrolled(), await enrolled()]
      const browser = new Browser(server.issuer)
      const first = await typePassword(victim.user, browser)
      const second = await typePassword(attacker.user, browser)
      const code = totpCode(attacker.secret, clock())
      assert.equal((await browser.submit(first.page, { code })).status, 400)
      assert.ok(destination(await browser.submit(second.page, { code })).searchParams.get('code'))
      assert.equal(await whoIs(browser), attacker.user.email)
    })

    it('attaches nothing to a victim who logs in at a page that an attacker has begun to enrol in', async () => {
      const [attacker, victim] = [await newUser(), await newUser()]
      // In a shared browser: the attacker leaves the page that offers a key, the victim logs in by the link on it.
      const { browser, page } = await typePassword(attacker, undefined, { acr_values: multiFactor })
      const [, offer = ''] = /name="offer" value="([^"]*)"/.exec(page.text) ?? []
      const [, secret = ''] = /<code class="secret">([^<]*)</.exec(page.text) ?? []
      const base = page.url.replace(/\/enrol$/, '')
      const enrolling = await browser.submit(await browser.open(base), { email: victim.email, password })
      assert.match(enrolling.text, new RegExp(`for ${victim.email}`))
      const code = totpCode(secret.replaceAll(' ', ''), clock())
      assert.equal((await browser.submit(enrolling, { offer, code })).status, 400)
      assert.equal((await browser.submit(page, { code })).status, 400)
      for (const { userId } of [attacker, victim])
        assert.deepEqual(await listMethods(server.ctx.store.db, userId), [])
    })

    it('gives the session a new id at the log-in that adds a factor, and the old one is dead', async () => {
      const user = await newUser()
      const { browser } = await logIn(server, server.clientId, user.email)
      const planted = [...browser.cookies].filter(({ name }) => name.startsWith('rolecall_session'))
      assert.equal(await whoIs(browser), user.email)
      const { page } = await typePassword(user, browser, { acr_values: multiFactor, prompt: 'login' })
      const [, secret = ''] = /<code class="secret">([^<]*)</.exec(page.text) ?? []
      const code = totpCode(secret.replaceAll(' ', ''), clock())
      await browser.submit(await browser.submit(page, { code }))
      assert.equal(await whoIs(browser), user.email)
      const thief = new Browser(server.issuer)
      thief.steal(planted)
      assert.equal((await silently(thief)).get('error'), 'login_required')
      assert.equal(await whoIs(thief), undefined)
    })

    it('counts wrong codes of all accounts of a network, which is paused, and no other one', async () => {
      const [one, other] = [await enrolled(), await enrolled()]
      const from = (ip: string) => new Browser(server.issuer, { 'x-forwarded-for': ip })
      const [network, elsewhere] = ['198.51.100.9', '203.0.113.9']
      const { browser, page } = await typePassword(one.user, from(network))
      const waiting = await typePassword(other.user, from(network))
      for (let guess = 0; guess < 99; guess++)
        await admitAttempt(server.ctx, {
          connection: 'people',
          account: `guessed${guess}@example.com`,
          ip: network,
          protectAccount: false,
        })
      assert.equal((await browser.submit(page, { code: '000000' })).status, 400)
      const code = totpCode(other.secret, clock())
      assert.equal((await waiting.browser.submit(waiting.page, { code })).status, 429)
      const there = await typePassword(other.user, from(elsewhere))
      assert.ok(destination(await there.browser.submit(there.page, { code })).searchParams.get('code'))
    })

    it('is not entered by its address: without a password the log-in page comes first', async () => {
      const { user, secret } = await enrolled()
      const browser = new Browser(server.issuer)
      const page = await browser.open(request({ login_hint: user.email }))
      for (const path of ['factor', 'enrol']) {
        const direct = await browser.open(`${page.url}/${path}`)
        assert.match(direct.text, /name="password"/, path)
      }
      const [form] = formsOf(page)
      for (const path of ['factor', 'enrol', 'continue']) {
        const sent = await browser.open(`${page.url}/${path}`, {
          method: 'POST',
          headers: { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' },
          body: new URLSearchParams({ ...form?.fields, code: totpCode(secret, clock()) }),
        })
        assert.match(sent.text, /name="password"/, path)
      }
      assert.equal((await silently(browser)).get('error'), 'login_required')
    })
  })
