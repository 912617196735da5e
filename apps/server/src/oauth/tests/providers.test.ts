import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { afterResponseDone } from '../../accounts/after-response.ts'
import { updateConnection } from '../../connections/connections.ts'
import { disableApplication } from '../../connections/store.ts'
import { findIdentity, listIdentities } from '../../identities/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { password } from '../../testing/tutorial.ts'
import { findUser, findUserByEmail } from '../../users/store.ts'
import { updateUser } from '../../users/users.ts'
import { clientSecret, departure, noticeOf, startWithProvider } from '../providers/testing.ts'

for (const kind of stores)
  describe(`a log-in at another provider on ${kind.name}`, { timeout: 120_000 }, () => {
    it('creates the user at the first one, and finds it by the subject after that', async (t) => {
      const world = await startWithProvider(t, kind)
      const { idToken, accessToken } = await world.tokens(await world.logIn())
      assert.equal(idToken.sub, 'oidc|company|ada')
      assert.equal(accessToken.sub, 'oidc|company|ada')
      assert.equal(idToken['email'], 'ada@example.com')
      assert.equal(idToken['email_verified'], false)
      assert.equal(idToken['name'], 'Ada Lovelace')
      assert.equal('amr' in idToken, false)
      const [request] = world.provider.tokenRequests
      assert.equal(request?.body.get('client_secret'), clientSecret)
      assert.equal(request?.body.get('redirect_uri'), `${world.issuer}login/callback/company`)

      world.provider.person = { ...world.provider.person, email: 'ada@new.example.com', name: 'Ada L.' }
      const again = await world.tokens(await world.logIn())
      assert.equal(again.idToken.sub, 'oidc|company|ada')
      assert.equal(again.idToken['email'], 'ada@new.example.com')
      assert.equal(again.idToken['name'], 'Ada L.')
      const identity = await findIdentity(world.db, { connectionId: world.connection.id, subject: 'ada' })
      assert.equal(identity?.profile['name'], 'Ada L.')
      assert.equal((await findUser(world.db, 'oidc|company|ada'))?.loginsCount, 2)
      assert.deepEqual(await world.logged('ss'), ['Signed up'])
      assert.deepEqual(await world.logged('s'), ['Logged in', 'Logged in'])
      assert.equal(world.provider.counts['/.well-known/openid-configuration'], 1)
    })

    it('creates one user in ten parallel first ones of a subject', async (t) => {
      const world = await startWithProvider(t, kind)
      const departed: Awaited<ReturnType<typeof world.depart>>[] = []
      for (let i = 0; i < 10; i++) departed.push(await world.depart())
      const pages = await Promise.all(departed.map(({ browser, back }) => browser.open(back.href)))
      for (const [i, page] of pages.entries()) {
        const request = departed[i]?.request ?? assert.fail()
        assert.equal((await world.tokens({ page, request })).idToken.sub, 'oidc|company|ada')
      }
      const users = await world.db
        .selectFrom('users')
        .select('user_id')
        .where('connection', '=', 'company')
        .execute()
      assert.deepEqual(users, [{ user_id: 'oidc|company|ada' }])
    })

    it('takes a response once: of ten parallel ones with one state, one goes on', async (t) => {
      const world = await startWithProvider(t, kind)
      const { browser, back } = await world.depart()
      const pages = await Promise.all(Array.from({ length: 10 }, () => browser.open(back.href)))
      assert.equal(pages.filter((page) => page.headers.has('location')).length, 1)
      assert.equal(world.provider.tokenRequests.length, 1)
    })

    it('refuses a second subject with the address of the first, which stays as it was', async (t) => {
      const world = await startWithProvider(t, kind)
      await world.logIn()
      world.provider.person = { ...world.provider.person, sub: 'mallory', name: 'Mallory' }
      const { page } = await world.logIn()
      assert.match(noticeOf(page), /Another account at The Company uses your email address/)
      assert.equal(await findUser(world.db, 'oidc|company|mallory'), undefined)
      assert.equal((await findUser(world.db, 'oidc|company|ada'))?.name, 'Ada Lovelace')

      // Nor by a change of the address at the provider.
      world.provider.person = { sub: 'mallory', email: 'mallory@example.com' }
      await world.tokens(await world.logIn())
      world.provider.person = { sub: 'mallory', email: 'ADA@example.com' }
      assert.match(noticeOf((await world.logIn()).page), /Another account at The Company/)
      assert.equal((await findUser(world.db, 'oidc|company|mallory'))?.email, 'mallory@example.com')
    })

    it('refuses a blocked user, and a connection that is disabled on the way', async (t) => {
      const world = await startWithProvider(t, kind)
      await world.logIn()
      const block = (blocked: boolean) =>
        transaction(world.ctx, (tx) => updateUser(tx, 'oidc|company|ada', { blocked }))
      await block(true)
      assert.match(noticeOf((await world.logIn()).page), /blocked/)
      await block(false)
      const { browser, back } = await world.depart()
      await disableApplication(world.db, world.connection.id, world.clientId)
      const page = await browser.open(back.href)
      assert.equal(page.status, 403)
      assert.equal(world.provider.tokenRequests.length, 2)
    })

    it('gives an address of an account here to a separate user, where it is not verified', async (t) => {
      const world = await startWithProvider(t, kind)
      world.provider.person = { sub: 'eve', email: 'admin@example.com', email_verified: true }
      const { idToken, accessToken } = await world.tokens(await world.logIn())
      assert.equal(idToken.sub, 'oidc|company|eve')
      assert.deepEqual(accessToken['permissions'], [])
      const admin = await findUserByEmail(world.db, world.admin.connection, 'admin@example.com')
      assert.deepEqual(await listIdentities(world.db, admin?.userId ?? ''), [])
    })
  })

const [kind] = stores
if (kind)
  describe('a log-in at another provider', { timeout: 120_000 }, () => {
    it('is begun at once where the application names the connection', async (t) => {
      const world = await startWithProvider(t, kind)
      const params = { connection: 'company', login_hint: 'ada@example.com', prompt: 'login' }
      const { browser, page, request } = await world.begin(params)
      const url = departure(page)
      assert.equal(url.origin + url.pathname, `${world.provider.issuer}authorize`)
      assert.equal(url.searchParams.get('login_hint'), 'ada@example.com')
      assert.equal(url.searchParams.get('prompt'), 'login')
      const done = await browser.open(world.provider.authorize(url).href)
      assert.equal((await world.tokens({ page: done, request })).idToken.sub, 'oidc|company|ada')
    })

    it('has a state, a nonce and a challenge that are new each time, and no name of ours in them', async (t) => {
      const world = await startWithProvider(t, kind)
      const one = await world.depart()
      const other = await world.depart()
      for (const name of ['state', 'nonce', 'code_challenge']) {
        const value = one.url.searchParams.get(name) ?? ''
        assert.ok(value.length >= 43, name)
        assert.notEqual(value, other.url.searchParams.get(name))
      }
      assert.equal(one.url.searchParams.get('code_challenge_method'), 'S256')
      const interaction = /\/interaction\/([\w-]+)/.exec(one.page.url)?.[1] ?? ''
      assert.ok(interaction.length > 16)
      assert.ok(!one.url.href.includes(interaction))
      assert.ok(!Buffer.from(one.url.searchParams.get('state') ?? '', 'base64url').includes(interaction))
    })

    it('keeps a session, which a later request uses', async (t) => {
      const world = await startWithProvider(t, kind)
      const { browser } = await world.logIn()
      const { page, request } = await world.begin({ connection: 'company' }, browser)
      assert.equal((await world.tokens({ page, request })).idToken.sub, 'oidc|company|ada')
      const silent = await world.begin({ prompt: 'none' }, browser)
      assert.equal((await world.tokens(silent)).idToken.sub, 'oidc|company|ada')
      await browser.open('/v2/logout')
      assert.match((await world.begin({}, browser)).page.text, /Continue with The Company/)
    })

    it('has the time at which the provider checked the person, and a session as long as others', async (t) => {
      const world = await startWithProvider(t, kind)
      const hoursAgo = Math.floor(Date.now() / 1000) - 30 * 24 * 3600
      world.provider.person['auth_time'] = hoursAgo
      const { browser, ...done } = await world.logIn()
      assert.equal((await world.tokens(done)).accessToken['auth_time'], hoursAgo)
      const silent = await world.begin({ prompt: 'none' }, browser)
      assert.equal((await world.tokens(silent)).accessToken['auth_time'], hoursAgo)
      const fresh = await world.begin({ prompt: 'none', max_age: '60' }, browser)
      assert.equal(
        new URL(fresh.page.headers.get('location') ?? '').searchParams.get('error'),
        'login_required',
      )
    })

    it('requests a recent check of the provider for max_age, and refuses what does not prove it', async (t) => {
      const world = await startWithProvider(t, kind)
      const { page, url } = await world.logIn({ max_age: '60' })
      assert.equal(url.searchParams.get('max_age'), '60')
      assert.match(noticeOf(page), /requires a fresh log-in/)
      world.provider.person['auth_time'] = Math.floor(Date.now() / 1000) - 120
      assert.match(noticeOf((await world.logIn({ max_age: '60' })).page), /requires a fresh log-in/)
      world.provider.person['auth_time'] = Math.floor(Date.now() / 1000)
      await world.tokens(await world.logIn({ max_age: '60' }))
    })

    it('does nothing before somebody uses the button, so a provider that is down slows nobody', async (t) => {
      const world = await startWithProvider(t, kind)
      world.provider.instead['/.well-known/openid-configuration'] = 'hang'
      const { browser, page } = await world.begin()
      assert.match(
        page.text,
        /<button type="submit" name="connection" value="company">Continue with The Company</,
      )
      const done = await browser.submit(page, { email: 'admin@example.com', password })
      assert.ok(done.headers.get('location')?.includes('code='))
      assert.deepEqual(world.provider.counts, {})
    })

    it('has no password here, which the page for forgotten passwords says', async (t) => {
      const world = await startWithProvider(t, kind)
      await world.logIn()
      const { browser, page } = await world.begin()
      const forgot = /href="(\/u\/reset-password[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&#38;', '&') ?? ''
      const sent = await browser.submit(await browser.open(forgot), { email: 'ada@example.com' })
      assert.match(sent.text, /your account has no password here, and no link is made/)
      await afterResponseDone(world.ctx)
      const mails = await world.db.selectFrom('outbox').select('subject').execute()
      assert.deepEqual(mails, [])
    })

    it('shares a request for the metadata, keeps it for minutes, and a failure for seconds', async (t) => {
      const world = await startWithProvider(t, kind)
      const path = '/.well-known/openid-configuration'
      const choose = async () => {
        const { browser, page } = await world.begin({ connection: 'company' })
        return { browser, page }
      }
      world.provider.instead[path] = { status: 500, body: {} }
      const pages = await Promise.all(Array.from({ length: 5 }, choose))
      for (const { page } of pages) assert.match(noticeOf(page), /The Company does not answer/)
      assert.equal(world.provider.counts[path], 1)
      delete world.provider.instead[path]
      world.wait(6_000)
      assert.ok((await choose()).page.headers.has('location'))
      await choose()
      assert.equal(world.provider.counts[path], 2)
      world.wait(6 * 60_000)
      await choose()
      assert.equal(world.provider.counts[path], 3)
    })

    it('is offered to applications of the connection alone, and not where the connection has no button', async (t) => {
      const world = await startWithProvider(t, kind)
      const { id } = world.connection
      const noButton = { show_as_button: false }
      await transaction(world.ctx, (tx) => updateConnection(tx, world.ctx, id, noButton, async () => {}))
      assert.doesNotMatch((await world.begin()).page.text, /The Company/)
      assert.ok((await world.begin({ connection: 'company' })).page.headers.has('location'))
      const shown = { show_as_button: true }
      await transaction(world.ctx, (tx) => updateConnection(tx, world.ctx, id, shown, async () => {}))
      assert.match((await world.begin()).page.text, /The Company/)
      await disableApplication(world.db, id, world.clientId)
      const { page } = await world.begin({ connection: 'company' })
      assert.equal(new URL(page.headers.get('location') ?? '').searchParams.get('error'), 'invalid_request')
    })
  })
