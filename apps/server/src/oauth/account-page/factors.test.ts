import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FactorPolicyUpdate } from '@rolecall/contract'
import { hashPassword } from '../../crypto/argon2.ts'
import { multiFactor } from '../../factors/policy.ts'
import { listMethods } from '../../factors/store.ts'
import { shownCodes, shownSecret, totpCode } from '../../factors/testing.ts'
import { assignRoles } from '../../roles/assignments.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateFactorPolicy } from '../../tenant/settings.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, destination, password } from '../../testing/tutorial.ts'
import type { User } from '../../users/user.ts'
import { createUser, updateUser } from '../../users/users.ts'
import { fillIn } from './testing-forms.ts'

const minute = 60_000
const passwordHash = hashPassword(password)

for (const store of stores)
  describe(`second factors on the account page on ${store.name}`, { timeout: 120_000 }, () => {
    let ahead = 0
    const clock = () => Date.now() + ahead
    const wait = (ms: number) => {
      ahead += ms
    }
    const server = tutorialServer(store, { clock })
    let count = 0

    async function newUser(): Promise<User> {
      const connection = 'Username-Password-Authentication'
      const hash = await passwordHash
      return transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: `holder${++count}@example.com`, passwordHash: hash }),
      )
    }

    const logIn = async ({ email }: User, browser = new Browser(server.issuer)) => ({
      browser,
      page: await browser.submit(await browser.open('/account'), { email, password }),
    })

    /** Adds an app. Its code of this time step is used up. */
    async function addApp(browser: Browser, name = 'Phone') {
      const page = await browser.open('/account/second-factor')
      const secret = shownSecret(page)
      const done = await fillIn(browser, page, 'second-factor', { name, code: totpCode(secret, clock()) })
      return { secret, page, done, codes: shownCodes(done) }
    }

    /** A user with an app, in a browser that is logged in with it. */
    async function enrolled() {
      const user = await newUser()
      const { browser } = await logIn(user)
      return { user, browser, ...(await addApp(browser)) }
    }

    async function logInWith(user: User, secret: string) {
      const { browser, page } = await logIn(user)
      return { browser, page: await browser.submit(page, { code: totpCode(secret, clock()) }) }
    }

    const methodLinks = ({ text }: Page) =>
      [...text.matchAll(/href="(\/account\/method\?id=[^"]*)"/g)].map(([, href = '']) => href)
    const openMethod = async (browser: Browser, index = 0) =>
      browser.open(methodLinks(await browser.open('/account'))[index] ?? '')
    const sessionCookie = (browser: Browser) =>
      browser.cookies.find(({ name }) => name === 'rolecall_session')?.value
    const isLogIn = ({ text }: Page) => /name="password"/.test(text) && /Log In/.test(text)
    const mailsTo = ({ email }: User) =>
      server.ctx.store.db
        .selectFrom('outbox')
        .select(['subject', 'text'])
        .where('recipient', '=', email)
        .execute()
    const methodsOf = async ({ userId }: User) =>
      (await listMethods(server.ctx.store.db, userId)).map(({ name }) => name)
    const setPolicy = (update: FactorPolicyUpdate) =>
      transaction(server.ctx, (tx) => updateFactorPolicy(tx, () => update))

    test('an app is added in the session: it goes on with two factors, and all others end', async () => {
      const user = await newUser()
      const other = await logIn(user)
      const { browser, page } = await logIn(user)
      assert.match(page.text, /You have no second factor/)
      const before = sessionCookie(browser)
      const thief = new Browser(server.issuer)
      thief.steal([...browser.cookies])

      const { done, codes } = await addApp(browser, ' Rosa’s <phone> ')
      assert.equal(new Set(codes).size, 8)
      assert.equal(done.headers.get('cache-control'), 'no-store')
      assert.notEqual(sessionCookie(browser), before)
      const account = await browser.open('/account')
      assert.match(account.text, /Rosa’s &#60;phone&#62; <small>Authenticator app, added \d{4}-/)
      assert.match(account.text, /Recovery codes: 8 left/)
      const silent = authorizationRequest(server, server.clientId, {
        prompt: 'none',
        acr_values: multiFactor,
      })
      assert.equal(destination(await browser.open(silent.url)).searchParams.get('error'), null)

      assert.ok(isLogIn(await other.browser.open('/account')))
      assert.ok(isLogIn(await thief.open('/account')), 'the id of before is dead')
      assert.match((await mailsTo(user)).at(-1)?.text ?? '', /Rosa’s <phone> was added/)
    })

    test('a second app is added, and each of them is renamed and removed', async () => {
      const { user, browser, secret } = await enrolled()
      await addApp(browser, 'Tablet')
      const form = await openMethod(browser)
      assert.match(form.text, /Phone/)
      for (const name of ['', ' ', 'x'.repeat(101), 'a\0b'])
        assert.equal((await fillIn(browser, form, 'method/name', { name })).status, 400, JSON.stringify(name))
      const renamed = await fillIn(browser, form, 'method/name', { name: 'Old phone' })
      assert.match(renamed.text, /The name was changed/)
      assert.match(renamed.text, /Old phone/)

      const removed = await fillIn(browser, form, 'method/remove')
      assert.match(removed.text, /It was removed/)
      assert.deepEqual(await methodsOf(user), ['Tablet', 'Recovery codes'])
      wait(minute)
      const { page } = await logInWith(user, secret)
      assert.equal(page.status, 400, 'the removed app gives no valid code')

      const last = await openMethod(browser)
      assert.match(last.text, /your recovery codes go with it/)
      await fillIn(browser, last, 'method/remove')
      assert.deepEqual(await methodsOf(user), [])
      assert.match((await logIn(user)).page.text, /Your account/)
      wait(-minute)
    })

    test('a session that is some minutes old is sent to log in, with the code, and comes back', async () => {
      const { user, browser, secret } = await enrolled()
      const [method = ''] = methodLinks(await browser.open('/account'))
      const form = await browser.open(method)
      for (const path of [
        method,
        '/account/second-factor',
        '/account/recovery-codes',
        '/account/email',
        '/account/password',
      ]) {
        wait(6 * minute)
        const asked = await browser.open(path)
        assert.ok(isLogIn(asked), path)
        assert.match(asked.text, new RegExp(`value="${user.email}"`))
        wait(-6 * minute)
        if (path !== method) continue
        const code = await browser.submit(asked, { email: user.email, password })
        assert.match(code.text, /Enter a code/)
        wait(minute)
        const back = await browser.submit(code, { code: totpCode(secret, clock()) })
        assert.equal(back.url, new URL(path, server.issuer).href)
        wait(-minute)
      }
      wait(16 * minute)
      for (const action of ['method/name', 'method/remove'])
        assert.ok(isLogIn(await fillIn(browser, form, action, { name: 'Mallory' })))
      wait(-16 * minute)
      assert.deepEqual(await methodsOf(user), ['Phone', 'Recovery codes'])
    })

    test('somebody else who logs in on the way changes an account of their own only', async () => {
      const { user, browser } = await enrolled()
      const [method = ''] = methodLinks(await browser.open('/account'))
      const other = await newUser()
      wait(6 * minute)
      const asked = await browser.open(method)
      wait(-6 * minute)
      const back = await browser.submit(asked, { email: other.email, password })
      assert.match(back.text, new RegExp(`Logged in as ${other.email}`))
      assert.match(back.text, /It was removed already/)
      assert.equal((await methodsOf(user)).length, 2)
    })

    test('the page to come back to is one of the account page', async () => {
      const { browser } = await logIn(await newUser())
      for (const state of [
        '//evil.example',
        '/../oidc/logout',
        'https://evil.example',
        '/data',
        '/method?id=/',
        '/email?x=1',
      ]) {
        const page = await browser.open(`/account?code=x&state=${encodeURIComponent(state)}`)
        assert.equal(page.url, new URL('/account', server.issuer).href, state)
      }
    })

    test('a factor that the policy requires is replaced, not removed', async () => {
      const { user, browser } = await enrolled()
      const form = await openMethod(browser)
      await transaction(server.ctx, (tx) => assignRoles(tx, user.userId, [server.role.id]))
      await setPolicy({ roles: [server.role.id] })
      const refused = await fillIn(browser, form, 'method/remove')
      assert.equal(refused.status, 400)
      assert.match(refused.text, /To replace it, add another one first/)
      assert.equal(
        formsOf(refused).some(({ action }) => action.endsWith('remove')),
        false,
      )
      await addApp(browser, 'Tablet')
      assert.match((await fillIn(browser, await openMethod(browser), 'method/remove')).text, /It was removed/)
      assert.deepEqual(await methodsOf(user), ['Tablet', 'Recovery codes'])
      await setPolicy({ roles: [] })
    })

    test('of two tabs that remove the last two factors at once, one keeps what is required', async () => {
      const { user, browser } = await enrolled()
      await addApp(browser, 'Tablet')
      await transaction(server.ctx, (tx) => assignRoles(tx, user.userId, [server.role.id]))
      await setPolicy({ roles: [server.role.id] })
      const tabs = [await openMethod(browser, 0), await openMethod(browser, 1)]
      const answers = await Promise.all(tabs.map((tab) => fillIn(browser, tab, 'method/remove')))
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 400],
      )
      assert.equal((await methodsOf(user)).length, 2)
      await setPolicy({ roles: [] })

      const mails = (await mailsTo(user)).length
      const last = await openMethod(browser)
      const same = await Promise.all([1, 2].map(() => fillIn(browser, last, 'method/remove')))
      for (const { status, text } of same) {
        assert.equal(status, 200)
        assert.match(text, /It was removed/)
      }
      assert.equal((await mailsTo(user)).length, mails + 1)
      assert.deepEqual(await methodsOf(user), [])
    })

    test('recovery codes are made again: those of before are invalid at once', async () => {
      const { user, browser, codes } = await enrolled()
      const use = async (code: string) => {
        const { browser: there, page } = await logIn(user)
        return there.submit(await there.open(`${page.url}?kind=recovery`), { code })
      }
      assert.match((await use(codes[0] ?? '')).text, /Recovery codes: 7 left/)
      const form = await browser.open('/account/recovery-codes')
      assert.match(form.text, /You have 7 that you have not used/)
      const shown = await fillIn(browser, form, 'recovery-codes')
      const fresh = shownCodes(shown)
      assert.equal(new Set([...fresh, ...codes]).size, 16)
      assert.match((await browser.open('/account')).text, /Recovery codes: 8 left/)
      assert.equal((await use(codes[1] ?? '')).status, 400)
      assert.match((await use(fresh[0] ?? '')).text, /Recovery codes: 7 left/)
      assert.match((await mailsTo(user)).map(({ text }) => text).join(), /recovery codes were renewed/)

      const without = await logIn(await newUser())
      assert.equal(
        (await without.browser.open('/account/recovery-codes')).url,
        new URL('/account', server.issuer).href,
      )
    })

    test('a key that another browser or session was offered, or that was used, is not accepted', async () => {
      const victim = await newUser()
      const attacker = await logIn(victim)
      const offered = await attacker.browser.open('/account/second-factor')
      const secret = shownSecret(offered)
      const [, offer = ''] = /name="offer" value="([^"]*)"/.exec(offered.text) ?? []
      const own = await logIn(victim)
      const form = await own.browser.open('/account/second-factor')
      const code = totpCode(secret, clock())
      const refused = await fillIn(own.browser, form, 'second-factor', { offer, code })
      assert.equal(refused.status, 400)
      assert.notEqual(shownSecret(refused), secret)
      // The page of another session, sent from this one.
      assert.equal((await fillIn(own.browser, offered, 'second-factor', { code })).status, 403)
      assert.deepEqual(await methodsOf(victim), [])

      const { page, secret: added } = await addApp(own.browser)
      const again = await fillIn(own.browser, page, 'second-factor', { code: totpCode(added, clock()) })
      assert.equal(again.status, 400)
      assert.equal((await methodsOf(victim)).length, 2)
    })

    test('a method of another user is neither shown, nor renamed, nor removed', async () => {
      const victim = await enrolled()
      const [method = ''] = methodLinks(await victim.browser.open('/account'))
      const id = new URL(method, server.issuer).searchParams.get('id') ?? ''
      const { browser } = await enrolled()
      assert.match((await browser.open(method)).text, /It was removed already/)
      const form = await openMethod(browser)
      for (const action of ['method/name', 'method/remove'])
        await fillIn(browser, form, action, { id, name: 'Mallory' })
      assert.deepEqual(await methodsOf(victim.user), ['Phone', 'Recovery codes'])
      assert.equal(methodLinks(await browser.open('/account')).length, 1)
    })

    test('no form is taken from another site, another session, or without its token', async () => {
      const { user, browser } = await enrolled()
      const stranger = await logIn(await newUser())
      const [foreign] = formsOf(stranger.page)
      const page = await openMethod(browser)
      const [form] = formsOf(page)
      assert.ok(form && foreign)
      const { id = '', _csrf = '' } = form.fields
      const own = { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' }
      const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
      const before = JSON.stringify([await methodsOf(user), await mailsTo(user)])
      for (const path of [
        'name',
        'verification',
        'session',
        'sessions',
        'application',
        'email',
        'password',
        'delete',
        'second-factor',
        'recovery-codes',
        'method/name',
        'method/remove',
      ])
        for (const [token, headers] of [
          ['', own],
          [foreign.fields['_csrf'] ?? '', own],
          [_csrf, elsewhere],
        ] as const) {
          const fields = {
            _csrf: token,
            id,
            name: 'Mallory',
            email: 'mallory@example.com',
            password,
            new_password: 'x',
          }
          const body = new URLSearchParams(fields)
          const { status } = await browser.open(`/account/${path}`, { method: 'POST', body, headers })
          assert.equal(status, 403, `${path} ${JSON.stringify(headers)}`)
        }
      assert.equal(JSON.stringify([await methodsOf(user), await mailsTo(user)]), before)
    })

    test('a session is not shown what it is too old for', async () => {
      const user = await newUser()
      const { browser } = await logIn(user)
      const week = 7 * 24 * 60 * minute
      wait(week + minute)
      for (const path of ['', '/data', '/email'])
        assert.ok(isLogIn(await browser.open(`/account${path}`)), path)
      wait(-week - minute)
      assert.match((await browser.open('/account')).text, /Your account/)
    })

    test('an address that is not verified gets no flood of mails', async () => {
      const { db } = server.ctx.store
      const { user, browser } = await enrolled()
      const [codes, method] = [await browser.open('/account/recovery-codes'), await openMethod(browser)]
      const key = 'sign-up|127.0.0.1'
      const times = { first_at: clock(), last_at: clock(), blocked_until: clock() + minute }
      await db
        .insertInto('sign_in_attempts')
        .values({ key, failures: 51, ...times })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ failures: 51, ...times }))
        .execute()
      const before = await mailsTo(user)
      for (const [page, form] of [
        [codes, 'recovery-codes'],
        [method, 'method/remove'],
      ] as const) {
        const paused = await fillIn(browser, page, form)
        assert.equal(paused.status, 429)
        assert.ok(Number(paused.headers.get('retry-after')) > 0)
      }
      assert.deepEqual(await mailsTo(user), before)
      await transaction(server.ctx, (tx) => updateUser(tx, user.userId, { emailVerified: true }))
      assert.equal(shownCodes(await fillIn(browser, codes, 'recovery-codes')).length, 8)
      await db.deleteFrom('sign_in_attempts').where('key', '=', key).execute()
    })

    test('a password that is changed takes no second factor away', async () => {
      const { user, browser } = await enrolled()
      const form = await browser.open('/account/password')
      const fields = { password, new_password: 'a long and unusual sentence' }
      assert.match((await fillIn(browser, form, 'password', fields)).text, /Your password was changed/)
      assert.equal((await methodsOf(user)).length, 2)
    })

    test('the copy of the data has the methods, without secrets', async () => {
      const { browser, secret, codes } = await enrolled()
      const { text } = await browser.open('/account/data')
      const copy = JSON.parse(text)
      assert.deepEqual(
        copy.authenticationMethods.map(({ type, name }: Record<string, unknown>) => [type, name]),
        [['totp', 'Phone']],
      )
      assert.equal(copy.recoveryCodesLeft, 8)
      for (const hidden of [secret, ...codes, 'sealed', 'lastStep']) assert.ok(!text.includes(hidden))
    })
  })
