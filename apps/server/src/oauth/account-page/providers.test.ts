import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { replacePassword } from '../../accounts/passwords.ts'
import { findSystemApplication } from '../../applications/store.ts'
import { providerOf } from '../../connections/provider.ts'
import { enableApplication } from '../../connections/store.ts'
import { multiFactor } from '../../factors/policy.ts'
import { shownSecret, totpCode } from '../../factors/testing.ts'
import { linkOwnIdentity } from '../../identities/own-identities.ts'
import { listIdentities } from '../../identities/store.ts'
import { stores } from '../../store/testing.ts'
import { type Tx, transaction } from '../../store/transaction.ts'
import { accountName } from '../../system-objects.ts'
import { updateFactorPolicy, updateTenantSettings } from '../../tenant/settings.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { startServer } from '../../testing/server.ts'
import { authorizationRequest, makeTutorial, password } from '../../testing/tutorial.ts'
import { findUser, findUserByEmail } from '../../users/store.ts'
import { updateUser } from '../../users/users.ts'
import { chooseProvider, connectProvider, departure, ScriptedProvider } from '../providers/testing.ts'
import { fillIn } from './testing-forms.ts'

const minute = 60_000

for (const kind of stores)
  describe(`other providers on the account page on ${kind.name}`, { timeout: 120_000 }, () => {
    async function start(t: TestContext) {
      let ahead = 0
      const provider = await ScriptedProvider.start(t)
      const server = await startServer(t, kind, {
        clock: () => Date.now() + ahead,
        config: { localHosts: ['localhost'] },
      })
      const tutorial = await makeTutorial(server.ctx)
      const { db } = server.ctx.store
      const connection = await connectProvider(server, tutorial.spa.clientId, {
        name: 'company',
        strategy: 'oidc',
        display_name: 'The Company',
        options: {
          client_id: 'rolecall',
          client_secret: 'a-secret-of-the-provider',
          issuer: provider.issuer,
          role_mapping: { claim: 'groups', roles: [{ value: 'admins', role: tutorial.role.name }] },
        },
      })
      const account = await findSystemApplication(db, accountName)
      assert.ok(account)
      await enableApplication(db, connection.id, account.clientId)
      const open = (browser: Browser, path = '/account') => browser.open(path)
      const logIn = async (email: string, browser = new Browser(server.issuer)) => ({
        browser,
        page: await browser.submit(await open(browser), { email, password }),
      })
      /** Up to the address that the provider sends the browser back to. */
      const depart = async (browser: Browser) => {
        const page = await open(browser, '/account/providers')
        return provider.authorize(departure(await fillIn(browser, page, 'providers'))).href
      }
      const link = async (browser: Browser) => {
        const asked = await browser.open(await depart(browser))
        return fillIn(browser, asked, 'providers/confirm')
      }
      /** Logs in with the provider's button. */
      const enter = async (browser = new Browser(server.issuer)) => {
        const sent = await chooseProvider(browser, await open(browser), 'company')
        return { browser, page: await browser.open(provider.authorize(departure(sent)).href) }
      }
      return {
        ...server,
        ...tutorial,
        db,
        provider,
        connection,
        open,
        logIn,
        depart,
        link,
        enter,
        identitiesOf: async (userId: string) =>
          (await listIdentities(db, userId)).map(({ subject }) => subject),
        rolesOf: async (userId: string) =>
          (await db.selectFrom('user_roles').select('role_id').where('user_id', '=', userId).execute())
            .length,
        mailsTo: async (email: string) =>
          (await db.selectFrom('outbox').select('subject').where('recipient', '=', email).execute()).map(
            ({ subject }) => subject,
          ),
        wait: (ms: number) => {
          ahead += ms
        },
      }
    }

    const whoIs = ({ text }: Page) => /Logged in as ([^<]*)</.exec(text)?.[1]

    test('connect an account after a question, log in with it, and disconnect it', async (t) => {
      const server = await start(t)
      const { member, provider } = server
      const { browser, page } = await server.logIn(member.email)
      assert.match(page.text, /href="\/account\/providers"/)
      provider.person = { sub: 'ada', email: 'ada@company.example', groups: ['admins'] }
      const asked = await browser.open(await server.depart(browser))
      assert.equal(asked.url, new URL('/account/providers/confirm', server.issuer).href)
      assert.match(asked.text, /ada@company\.example will be able to log in as member@example\.com/)
      assert.deepEqual(await server.identitiesOf(member.userId), [])
      const done = await fillIn(browser, asked, 'providers/confirm')
      assert.match(done.text, /The account is connected/)
      assert.match(done.text, /The Company: ada@company\.example/)
      assert.deepEqual(await server.identitiesOf(member.userId), ['ada'])
      assert.equal(await server.rolesOf(member.userId), 1)
      assert.ok(
        (await server.mailsTo(member.email)).some((subject) => /The Company was connected/.test(subject)),
      )

      const other = await server.enter()
      assert.equal(whoIs(other.page), member.email)
      assert.match(other.page.text, /through messages-admin \(given by company\)/)
      const copy = JSON.parse((await browser.open('/account/data')).text)
      assert.deepEqual(
        copy.identities.map(({ provider: name, account }: Record<string, string>) => [name, account]),
        [['The Company', 'ada@company.example']],
      )
      assert.deepEqual(
        copy.roles.map(({ name, assigned, givenBy }: Record<string, unknown>) => [name, assigned, givenBy]),
        [['messages-admin', false, ['company']]],
      )

      const list = await server.open(browser, '/account/providers')
      const gone = await fillIn(browser, list, 'providers/remove')
      assert.match(gone.text, /It is disconnected/)
      assert.deepEqual(await server.identitiesOf(member.userId), [])
      assert.equal(await server.rolesOf(member.userId), 0)
      assert.equal(whoIs(await server.open(other.browser)), undefined, 'the session of that log-in has ended')
      assert.ok((await server.mailsTo(member.email)).some((subject) => /was disconnected/.test(subject)))
      const again = await fillIn(browser, list, 'providers/remove')
      assert.equal(again.status, 400)
      assert.match(again.text, /disconnected already/)
    })

    test('do not let somebody who finds a browser that is logged in there set up a factor', async (t) => {
      const server = await start(t)
      const { provider, spa } = server
      provider.person = { sub: 'eve', email: 'eve@company.example' }
      const { browser } = await server.enter()
      const params = { acr_values: multiFactor, prompt: 'login', connection: 'company', max_age: '100000' }
      const sent = departure(await browser.open(authorizationRequest(server, spa.clientId, params).url))
      provider.alterClaims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3_600 })
      const refused = await browser.open(provider.authorize(sent).href)
      assert.match(refused.text, /The Company does not say that you have just logged in there/)
      const [, uid = ''] = /interaction\/([\w-]+)/.exec(refused.url) ?? []
      const enrol = `/interaction/${uid}/enrol`
      assert.doesNotMatch((await browser.open(enrol)).text, /class="secret"/)

      const again = departure(await chooseProvider(browser, refused, 'company'))
      assert.equal(again.searchParams.get('max_age'), '300')
      provider.alterClaims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) })
      assert.match((await browser.open(provider.authorize(again).href)).text, /class="secret"/)

      // Some providers never say it, and their users have to have a factor too.
      provider.alterClaims = (claims) => claims
      await transaction(server.ctx, (tx) => updateFactorPolicy(tx, () => ({ policy: 'required' })))
      assert.match((await server.enter()).page.text, /class="secret"/)
    })

    test('do not complete a log-in that was begun before they were disconnected', async (t) => {
      const server = await start(t)
      const { member, provider } = server
      const { browser } = await server.logIn(member.email)
      provider.person = { sub: 'ada', email: 'ada@company.example' }
      await server.link(browser)
      const thief = new Browser(server.issuer)
      const sent = await chooseProvider(thief, await server.open(thief), 'company')
      // Up to the request that gives the browser its session.
      let url = new URL(provider.authorize(departure(sent)).href)
      while (!url.pathname.startsWith('/authorize/')) {
        const cookies = thief.cookies.filter(({ path }) => url.pathname.startsWith(path))
        const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
        const { headers } = await fetch(url, { redirect: 'manual', headers: { cookie } })
        url = new URL(headers.get('location') ?? '', url)
      }
      await fillIn(browser, await server.open(browser, '/account/providers'), 'providers/remove')
      assert.deepEqual(await server.identitiesOf(member.userId), [])
      assert.equal(whoIs(await thief.open(url.href)), undefined)
      assert.equal(whoIs(await server.open(thief)), undefined)
      assert.equal(whoIs(await server.open(browser)), member.email)
    })

    test('are not connected in another browser or session than that in which it was begun', async (t) => {
      const server = await start(t)
      const { admin, member } = server
      const attacker = await server.logIn(member.email)
      const link = await server.depart(attacker.browser)
      const stranger = await new Browser(server.issuer).open(link)
      assert.equal(stranger.status, 400)
      const victim = await server.logIn(admin.email)
      assert.equal((await victim.browser.open(link)).status, 403)
      // A victim who is about to connect an account of their own.
      await server.depart(victim.browser)
      assert.equal((await victim.browser.open(link)).status, 400)
      const asked = await server.open(victim.browser, '/account/providers/confirm')
      assert.equal(
        formsOf(asked).some(({ action }) => action.endsWith('confirm')),
        false,
      )
      // The same user in another session.
      const second = await server.logIn(member.email)
      assert.equal((await second.browser.open(link)).status, 403)

      const confirm = await attacker.browser.open(link)
      for (const { browser } of [victim, second])
        assert.equal((await fillIn(browser, confirm, 'providers/confirm')).status, 403)
      assert.deepEqual(
        [...(await server.identitiesOf(admin.userId)), ...(await server.identitiesOf(member.userId))],
        [],
      )
      assert.match((await fillIn(attacker.browser, confirm, 'providers/confirm')).text, /is connected/)
      assert.equal((await attacker.browser.open(link)).status, 403, 'the answer of the provider works once')
      assert.equal((await fillIn(attacker.browser, confirm, 'providers/confirm')).status, 403)
    })

    test('are not connected with two accounts, nor twice', async (t) => {
      const server = await start(t)
      const { browser } = await server.logIn(server.member.email)
      await server.link(browser)
      assert.match((await server.link(browser)).text, /connected with yours already/)
      const other = await server.logIn(server.admin.email)
      const refused = await server.link(other.browser)
      assert.equal(refused.status, 400)
      assert.match(refused.text, /connected with another account here/)
      const list = await server.open(other.browser, '/account/providers')
      assert.equal(
        formsOf(list).some(({ action }) => action.endsWith('remove')),
        false,
      )
      const own = await server.open(browser, '/account/providers')
      const { connection = '', subject = '' } =
        formsOf(own).find(({ action }) => action.endsWith('remove'))?.fields ?? {}
      const sent = new URLSearchParams({ ...formsOf(list)[0]?.fields, connection, subject })
      const headers = { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' }
      await other.browser.open('/account/providers/remove', { method: 'POST', body: sent, headers })
      assert.deepEqual(await server.identitiesOf(server.member.userId), ['ada'])
    })

    test('are not connected by somebody whom a new password or a block has just shut out', async (t) => {
      const { ctx, db, admin, member, connection } = await start(t)
      const changes = [
        [admin, (tx: Tx) => replacePassword(tx, admin, 'a hash')],
        [member, (tx: Tx) => updateUser(tx, member.userId, { blocked: true })],
      ] as const
      for (const [user, change] of changes) {
        await transaction(ctx, async (tx) => void (await change(tx)))
        const logIn = { subject: 'late', claims: {}, userinfo: {} }
        const given = { origin: { ip: '127.0.0.1' } }
        const outcome = await linkOwnIdentity(ctx, user, providerOf(ctx, connection), logIn, given)
        assert.deepEqual(outcome, { refused: 'factors_changed' })
        assert.deepEqual(await listIdentities(db, user.userId), [])
      }
    })

    test('need a log-in that is some minutes old, and forms with the token of the session', async (t) => {
      const server = await start(t)
      const { browser } = await server.logIn(server.member.email)
      const page = await server.open(browser, '/account/providers')
      const headers = { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' }
      for (const path of ['providers', 'providers/confirm', 'providers/remove']) {
        const body = new URLSearchParams({ connection: server.connection.id })
        const { status } = await browser.open(`/account/${path}`, { method: 'POST', body, headers })
        assert.equal(status, 403, path)
      }
      server.wait(16 * minute)
      assert.match((await fillIn(browser, page, 'providers')).text, /name="password"/)
      assert.match((await server.open(browser, '/account/providers')).text, /name="password"/)
      assert.equal(server.provider.counts['/token'], undefined)
    })

    test('confirm the changes of a user without password: the provider says when it has checked the person', async (t) => {
      const server = await start(t)
      const { provider, db } = server
      const { browser, page } = await server.enter()
      assert.equal(whoIs(page), 'ada@example.com')
      assert.match(page.text, /The Company: ada@example\.com/)
      assert.match(page.text, /Change them there/)
      const [form] = formsOf(page)
      for (const path of ['name', 'verification']) {
        const sent = await browser.open(`/account/${path}`, {
          method: 'POST',
          body: new URLSearchParams({ ...form?.fields, name: 'Mallory' }),
          headers: { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' },
        })
        assert.match(sent.text, /You log in at another provider/)
      }

      // It said nothing of the time, so its session may be a week old.
      const leave = async (path: string) => departure(await browser.open(path))
      const request = await leave('/account/email')
      assert.equal(request.searchParams.get('max_age'), '300')
      assert.equal(request.searchParams.get('prompt'), 'login')
      const silent = await browser.open(provider.authorize(request).href)
      assert.match(silent.text, /does not say that you have just logged in/)
      provider.alterClaims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3_600 })
      const old = await browser.open(provider.authorize(await leave('/account/email')).href)
      assert.match(old.text, /does not say that you have just logged in/)

      provider.alterClaims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) })
      const back = await browser.open(provider.authorize(await leave('/account/second-factor')).href)
      assert.equal(back.url, new URL('/account/second-factor', server.issuer).href)
      const list = await browser.open('/account/providers')
      assert.match(list.text, /Your account here was created by it/)
      assert.equal(
        formsOf(list).some(({ action }) => action.endsWith('remove')),
        false,
      )

      await transaction(server.ctx, (tx) =>
        updateTenantSettings(tx, { flags: { allow_account_deletion: true } }),
      )
      const user = await findUserByEmail(db, 'company', 'ada@example.com')
      assert.ok(user)
      const asked = await browser.open('/account/delete')
      assert.match((await fillIn(browser, asked, 'delete')).text, /Your account is deleted/)
      assert.equal(await findUser(db, user.userId), undefined)
    })

    test('need not say when they checked a person who has a second factor here', async (t) => {
      const server = await start(t)
      const { provider } = server
      provider.alterClaims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) })
      const { browser } = await server.enter()
      const form = await browser.open('/account/second-factor')
      const secret = shownSecret(form)
      await fillIn(browser, form, 'second-factor', { name: 'Phone', code: totpCode(secret, Date.now()) })
      // An hour ago, by a session of the provider.
      provider.alterClaims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3_600 })
      server.wait(6 * minute)
      const request = departure(await browser.open('/account/recovery-codes'))
      assert.equal(request.searchParams.get('max_age'), null)
      server.wait(-5 * minute)
      const asked = await browser.open(provider.authorize(request).href)
      assert.match(asked.text, /Enter a code/)
      const page = await browser.submit(asked, { code: totpCode(secret, Date.now() + minute) })
      assert.equal(page.url, new URL('/account/recovery-codes', server.issuer).href)
    })

    test('that do not answer, or refuse, are named on the page', async (t) => {
      const server = await start(t)
      const { browser } = await server.logIn(server.member.email)
      server.provider.alterResponse = (params) => {
        params.delete('code')
        params.set('error', 'access_denied')
      }
      const denied = await browser.open(await server.depart(browser))
      assert.match(denied.text, /The Company did not log you in/)
      server.provider.alterResponse = () => {}
      server.provider.instead['/token'] = { status: 503, body: {} }
      const down = await browser.open(await server.depart(browser))
      assert.match(down.text, /The Company does not answer/)
      assert.deepEqual(await server.identitiesOf(server.member.userId), [])
    })
  })
