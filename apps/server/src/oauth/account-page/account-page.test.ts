import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { linkIn } from '../../accounts/testing.ts'
import { issueMailedLink } from '../../accounts/tickets.ts'
import { ensureManagementApi } from '../../apis/management-api.ts'
import { hashPassword } from '../../crypto/argon2.ts'
import { assignRoles } from '../../roles/assignments.ts'
import { ensureOwnerRole } from '../../roles/owners.ts'
import { listArtifacts } from '../../sessions/lists.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateTenantSettings } from '../../tenant/settings.ts'
import { Browser, formsOf } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, destination, password, redeem, refresh } from '../../testing/tutorial.ts'
import { findUser } from '../../users/store.ts'
import type { User } from '../../users/user.ts'
import { createUser, updateUser } from '../../users/users.ts'
import { fillIn } from './testing-forms.ts'

const replacement = 'a long and unusual sentence'

for (const store of stores)
  describe(`the account page on ${store.name}`, { timeout: 120_000 }, () => {
    const server = tutorialServer(store)
    let count = 0

    async function newUser(): Promise<User> {
      const connection = 'Username-Password-Authentication'
      const passwordHash = await hashPassword(password)
      const name = `Person <${++count}>`
      return transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: `person${count}@example.com`, name, passwordHash }),
      )
    }
    const now = async ({ userId }: User) => (await findUser(server.ctx.store.db, userId))!
    const sessionsOf = ({ userId }: User) =>
      listArtifacts(server.ctx.store.db, 'Session', userId, Date.now()).count()
    const mailTo = (address: string) =>
      server.ctx.store.db
        .selectFrom('outbox')
        .select(['subject', 'text'])
        .where('recipient', '=', address)
        .orderBy('created_at')
        .execute()

    /** Opens the page in a new browser, and logs in on the way. */
    async function visit({ email }: User, typed = password, userAgent = 'a test') {
      const browser = new Browser(server.issuer, { 'user-agent': userAgent })
      const page = await browser.submit(await browser.open('/account'), { email, password: typed })
      return { browser, page }
    }

    /** A refresh token of the tutorial's client, which the user logs in to in this browser. */
    async function connect(browser: Browser): Promise<string> {
      const request = authorizationRequest(server, server.clientId, {
        scope: 'openid offline_access',
      })
      const code = destination(await browser.open(request.url)).searchParams.get('code') ?? ''
      const { body } = await redeem(server, server.clientId, { code, request })
      assert.ok(body.refresh_token)
      return body.refresh_token
    }

    test('asks to log in first, and shows the name, address, sessions and permissions', async () => {
      const admin = (
        await server.ctx.store.db
          .selectFrom('users')
          .select('user_id')
          .where('email', '=', 'admin@example.com')
          .executeTakeFirstOrThrow()
      ).user_id
      const { page } = await visit(await now({ userId: admin } as User))
      assert.equal(page.url, new URL('/account', server.issuer).href)
      assert.match(page.text, /Logged in as admin@example\.com/)
      assert.match(
        page.text,
        /Read admin messages <code>read:admin-messages<\/code> <small>through messages-admin/,
      )
      assert.match(page.text, /This browser/)
      assert.equal(page.headers.get('cache-control'), 'no-store')
      assert.match(String(page.headers.get('content-security-policy')), /default-src 'none'/)
    })

    test('says so when the log-in was cancelled or left no cookie, instead of asking again', async () => {
      for (const query of ['error=access_denied', 'code=x']) {
        const page = await new Browser(server.issuer).open(`/account?${query}`)
        assert.equal(page.status, 400)
        assert.match(page.text, /You are not logged in/)
      }
    })

    test('changes the name, and refuses one that is empty or too long', async () => {
      const user = await newUser()
      const { browser, page } = await visit(user)
      assert.match(page.text, /value="Person &#60;\d+&#62;"/)
      const done = await fillIn(browser, page, 'name', { name: ' Rosa "R" <Luxemburg> ' })
      assert.match(done.text, /Your name was changed/)
      assert.equal((await now(user)).name, 'Rosa "R" <Luxemburg>')
      for (const name of ['', '  ', 'x'.repeat(301), 'a\0b']) {
        const refused = await fillIn(browser, done, 'name', { name })
        assert.equal(refused.status, 400, JSON.stringify(name))
      }
      assert.equal((await now(user)).name, 'Rosa "R" <Luxemburg>')
    })

    test('changes the password, keeps this browser and logs the others out', async () => {
      const user = await newUser()
      const other = await visit(user)
      const token = await connect(other.browser)
      const { browser } = await visit(user)
      const form = await browser.open('/account/password')
      const wrong = await fillIn(browser, form, 'password', { password: 'guess', new_password: replacement })
      assert.equal(wrong.status, 400)
      assert.match(wrong.text, /This is not your password/)
      const weak = await fillIn(browser, form, 'password', { password, new_password: 'short' })
      assert.equal(weak.status, 400)
      const done = await fillIn(browser, form, 'password', { password, new_password: replacement })
      assert.match(done.text, /Your password was changed/)
      assert.equal(await sessionsOf(user), 1)
      assert.match((await other.browser.open('/account')).text, /to continue to/)
      assert.equal((await refresh(server, server.clientId, token)).status, 403)
      assert.match((await visit(user, replacement)).page.text, /Your account/)
    })

    test('pauses guesses at the password as the log-in page does', async () => {
      const { browser } = await visit(await newUser())
      const page = await browser.open('/account/password')
      let status = 0
      for (let guess = 0; guess < 12 && status !== 429; guess += 1)
        ({ status } = await fillIn(browser, page, 'password', {
          password: `guess ${guess}`,
          new_password: replacement,
        }))
      assert.equal(status, 429)
    })

    test('changes the email address when the link to the new one is followed, and tells the old one', async () => {
      const user = await newUser()
      const reset = await issueMailedLink(server.ctx, 'reset_password', user, {}, 3_600)
      const { browser } = await visit(user)
      const form = await browser.open('/account/email')
      const taken = await fillIn(browser, form, 'email', { email: 'admin@example.com' })
      assert.equal(taken.status, 400)
      assert.match(taken.text, /another account with this address/)
      assert.equal((await fillIn(browser, form, 'email', { email: 'nobody' })).status, 400)
      const email = `new${count}@example.com`
      const asked = await fillIn(browser, form, 'email', { email })
      assert.match(asked.text, /Your address changes when you follow it/)
      assert.equal((await now(user)).email, user.email)
      const [mail] = await mailTo(email)
      assert.match(mail?.subject ?? '', /Use this email address/)

      // The mailbox may be somebody else's, who has no password of the account.
      const stranger = new Browser(server.issuer)
      const link = await stranger.open(linkIn(mail).href)
      assert.match(link.text, new RegExp(`${email}, for the account ${user.email}`))
      assert.equal((await stranger.submit(link, { password: 'a guess' })).status, 400)
      assert.equal((await now(user)).email, user.email)
      const done = await browser.submit(await browser.open(linkIn(mail).href), { password })
      assert.match(done.text, new RegExp(`${email} is confirmed`))
      const changed = await now(user)
      assert.deepEqual([changed.email, changed.emailVerified], [email, true])
      assert.match((await mailTo(user.email)).at(-1)?.subject ?? '', /was changed/)
      for (const used of [reset, linkIn(mail).href])
        assert.equal((await new Browser(server.issuer).open(used)).status, 400)
    })

    test('gives no address that somebody else took in the meantime, and none to an account that got another', async () => {
      const user = await newUser()
      const { browser } = await visit(user)
      const form = await browser.open('/account/email')
      const addresses = [1, 2].map((number) => `later${count}.${number}@example.com`)
      const links: string[] = []
      for (const email of addresses) {
        await fillIn(browser, form, 'email', { email })
        links.push(linkIn((await mailTo(email))[0]).href)
      }
      const [first = '', second = ''] = addresses
      const pages = [await browser.open(links[0] ?? ''), await browser.open(links[1] ?? '')]
      const other = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: user.connection, email: first }),
      )
      assert.equal((await browser.submit(pages[0]!, { password })).status, 400)
      assert.equal((await now(user)).email, user.email)
      await transaction(server.ctx, (tx) => updateUser(tx, other.userId, { email: `x${first}` }))
      assert.equal((await browser.submit(pages[1]!, { password })).status, 200)
      assert.equal((await browser.submit(pages[0]!, { password })).status, 400)
      assert.equal((await now(user)).email, second)
    })

    test('sends a link that confirms the address, five in an hour at most', async () => {
      const user = await newUser()
      const { browser, page } = await visit(user)
      let last = page
      for (let sent = 0; sent < 5; sent += 1) {
        last = await fillIn(browser, page, 'verification')
        assert.equal(last.status, 200)
      }
      assert.equal((await fillIn(browser, page, 'verification')).status, 429)
      assert.equal((await mailTo(user.email)).length, 5)
    })

    test('ends one other session, or all of them with the refresh tokens', async () => {
      const user = await newUser()
      const [one, two] = [await visit(user), await visit(user)]
      const token = await connect(two.browser)
      const { browser } = await visit(user)
      const page = await browser.open('/account')
      assert.equal(formsOf(page).filter(({ action }) => action === '/account/session').length, 2)
      const done = await fillIn(browser, page, 'session')
      assert.match(done.text, /The session has ended/)
      assert.equal(await sessionsOf(user), 2)
      const all = await fillIn(browser, done, 'sessions')
      assert.match(all.text, /Everywhere else you are logged out/)
      assert.equal(await sessionsOf(user), 1)
      for (const gone of [one, two])
        assert.match((await gone.browser.open('/account')).text, /to continue to/)
      assert.equal((await refresh(server, server.clientId, token)).status, 403)
    })

    test('names the device of each session, as its log-in described it, and bounds what is kept', async () => {
      const user = await newUser()
      const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
      await visit(user, password, `<i>${'x'.repeat(8_000)}`)
      const { browser, page } = await visit(user, password, firefox)
      assert.match(
        page.text,
        /Firefox on Linux · <strong>This browser<\/strong> <small>since .+, last used .+, logged in from 127\.0\.0\.1</,
      )
      assert.match(page.text, /Unknown device <small>/)
      const copy = JSON.parse((await browser.open('/account/data')).text)
      assert.deepEqual(
        copy.sessions.map(({ userAgent, ip }: Record<string, string>) => [userAgent?.length, ip]),
        [
          [firefox.length, '127.0.0.1'],
          [300, '127.0.0.1'],
        ],
      )
      const done = await fillIn(browser, await browser.open('/account/password'), 'password', {
        password,
        new_password: replacement,
      })
      assert.match(done.text, /Firefox on Linux · <strong>This browser/)
    })

    test('takes the access of an application away', async () => {
      const user = await newUser()
      const { browser } = await visit(user)
      const token = await connect(browser)
      const page = await browser.open('/account')
      const done = await fillIn(browser, page, 'application')
      assert.match(done.text, /has no access any more/)
      assert.equal((await refresh(server, server.clientId, token)).status, 403)
      assert.match(done.text, /No application has lasting access/)
    })

    test('ends no session and no access of somebody else', async () => {
      const victim = await newUser()
      const there = await visit(victim)
      const token = await connect(there.browser)
      const attacker = await newUser()
      await visit(attacker)
      const { browser, page } = await visit(attacker)
      const [session] = await listArtifacts(server.ctx.store.db, 'Session', victim.userId, Date.now()).slice({
        offset: 0,
        limit: 1,
      })
      await fillIn(browser, page, 'session', { session: session?.id ?? '' })
      assert.equal(await sessionsOf(victim), 1)
      await connect(browser)
      const mine = await browser.open('/account')
      await fillIn(browser, mine, 'application', { client_id: server.clientId })
      assert.equal((await refresh(server, server.clientId, token)).status, 200)
    })

    test('refuses forms of other sites, of other sessions, and without their token', async () => {
      const user = await newUser()
      const { browser, page } = await visit(user)
      const stranger = await visit(await newUser())
      const [form] = formsOf(page)
      const [foreign] = formsOf(stranger.page)
      assert.ok(form && foreign)
      const post = (fields: Record<string, string>, headers: Record<string, string>) =>
        browser.open('/account/name', {
          method: 'POST',
          body: new URLSearchParams({ ...fields, name: 'Mallory' }),
          headers,
        })
      const own = { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' }
      for (const [fields, headers] of [
        [{}, own],
        [foreign.fields, own],
        [form.fields, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
      ] as const)
        assert.equal((await post(fields, headers)).status, 403)
      assert.equal((await now(user)).name, user.name)
      // The same browser, another user: a page of the session before is no longer valid.
      await browser.open('/v2/logout')
      const next = await newUser()
      await browser.submit(await browser.open('/account'), { email: next.email, password })
      assert.equal((await fillIn(browser, page, 'name', { name: 'Mallory' })).status, 403)
      assert.equal((await now(next)).name, next.name)
    })

    test('deletes an account only where the tenant allows it, and never the last owner', async () => {
      const user = await newUser()
      const { browser, page } = await visit(user)
      const [form] = formsOf(page)
      const tryDirectly = await browser.open('/account/delete', {
        method: 'POST',
        body: new URLSearchParams({ ...form?.fields, password }),
        headers: { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' },
      })
      assert.equal(tryDirectly.url, new URL('/account', server.issuer).href)
      assert.ok(await findUser(server.ctx.store.db, user.userId))
      await transaction(server.ctx, (tx) =>
        updateTenantSettings(tx, { flags: { allow_account_deletion: true } }),
      )
      const owner = await newUser()
      await transaction(server.ctx, async (tx) => {
        const api = await ensureManagementApi(tx, server.ctx.sealer, server.issuer)
        const { id } = await ensureOwnerRole(tx, api)
        await assignRoles(tx, owner.userId, [id])
      })
      for (const [one, status] of [
        [owner, 400],
        [user, 200],
      ] as const) {
        const { browser: there } = await visit(one)
        const asked = await there.open('/account/delete')
        assert.equal((await fillIn(there, asked, 'delete')).status, status)
        assert.equal((await findUser(server.ctx.store.db, one.userId)) === undefined, status === 200)
      }
    })

    test('hands out what is stored about the user, and no secret', async () => {
      const user = await newUser()
      const { browser } = await visit(user)
      const token = await connect(browser)
      const { headers, text } = await browser.open('/account/data')
      assert.match(String(headers.get('content-disposition')), /^attachment/)
      const copy = JSON.parse(text)
      assert.equal(copy.profile.email, user.email)
      assert.equal(copy.sessions.length, 1)
      assert.doesNotMatch(text, /argon2/)
      for (const secret of [token, ...browser.cookies.map(({ value }) => value)])
        assert.ok(!text.includes(secret))
    })

    test('is closed to a blocked user at once', async () => {
      const user = await newUser()
      const { browser, page } = await visit(user)
      await transaction(server.ctx, (tx) => updateUser(tx, user.userId, { blocked: true }))
      assert.match((await browser.open('/account')).text, /to continue to/)
      await fillIn(browser, page, 'name', { name: 'Mallory' })
      assert.equal((await now(user)).name, user.name)
    })
  })
