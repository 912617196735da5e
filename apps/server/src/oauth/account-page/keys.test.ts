import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listMethods } from '../../factors/store.ts'
import { shownCodes } from '../../factors/testing.ts'
import { stores } from '../../store/testing.ts'
import { creationOf, requestOf, type SoftKey } from '../../testing/authenticator.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { password } from '../../testing/tutorial.ts'
import { email, type KeyServer, startWithKeys } from '../tests/testing-keys.ts'
import { fillIn } from './testing-forms.ts'

const minute = 60_000

for (const kind of stores)
  describe(`security keys and passkeys on the account page on ${kind.name}`, { timeout: 120_000 }, () => {
    const logIn = async (server: KeyServer, browser = new Browser(server.issuer)) => ({
      browser,
      page: await browser.submit(await browser.open('/account'), { email, password }),
    })
    /** Adds a key on the page of its kind. */
    async function add(browser: Browser, key: SoftKey, path: string, name = '') {
      const page = await browser.open(`/account/${path}`)
      const answer = key.create(creationOf(page))
      return { page, answer, done: await fillIn(browser, page, path, { answer, name }) }
    }
    const usePasskey = async (server: KeyServer, key: SoftKey) => {
      const browser = new Browser(server.issuer)
      const page = await browser.open('/account')
      const index = formsOf(page).findIndex(({ action }) => action.endsWith('/passkey'))
      return { browser, page: await browser.submit(page, { answer: key.get(requestOf(page)) }, index) }
    }
    const methodsOf = async (server: KeyServer) =>
      (await listMethods(server.ctx.store.db, server.admin.userId)).map(
        ({ type, name }) => `${type}: ${name}`,
      )
    const openMethod = async (browser: Browser) => {
      const { text } = await browser.open('/account')
      return browser.open(/href="(\/account\/method\?id=[^"]*)"/.exec(text)?.[1] ?? '')
    }
    const isLogIn = ({ text }: Page) => /name="password"/.test(text)

    test('a passkey is added, logs in, is renamed and removed', async (t) => {
      const server = await startWithKeys(t, kind)
      const other = await logIn(server)
      const { browser } = await logIn(server)
      const key = server.newKey()
      const { page, done } = await add(browser, key, 'passkey', 'My <laptop>')
      assert.match(page.text, /A passkey needs JavaScript/)
      const policy = page.headers.get('content-security-policy') ?? ''
      assert.match(policy, /script-src http:\/\/localhost:\d+\/_assets\/keys\.[\w-]+\.js;/)
      assert.match(done.text, /It was added/)
      assert.match(done.text, /My &#60;laptop&#62; <small>Passkey, added/)
      assert.doesNotMatch(done.headers.get('content-security-policy') ?? '', /script-src/)
      assert.ok(isLogIn(await other.browser.open('/account')), 'other sessions have ended')

      const entered = await usePasskey(server, key)
      assert.match(entered.page.text, /Logged in as admin@example\.com/)
      const form = await openMethod(entered.browser)
      const renamed = await fillIn(entered.browser, form, 'method/name', { name: 'Laptop' })
      assert.match(renamed.text, /Laptop/)
      assert.match((await fillIn(entered.browser, form, 'method/remove')).text, /It was removed/)
      assert.deepEqual(await methodsOf(server), [])
      assert.match((await usePasskey(server, key)).page.text, /This passkey was not accepted/)
    })

    test('a security key is a second factor: codes are shown, and the session goes on with two', async (t) => {
      const server = await startWithKeys(t, kind)
      const { browser } = await logIn(server)
      const { done } = await add(browser, server.newKey(), 'security-key')
      assert.equal(shownCodes(done).length, 8)
      const account = await browser.open('/account')
      assert.match(account.text, /Security key <small>added/)
      assert.match(account.text, /Recovery codes: 8 left/)
      const next = await logIn(server)
      assert.match(next.page.text, /data-key="get"/)
      const { done: again } = await add(browser, server.newKey(), 'security-key')
      assert.match(again.text, /It was added/)
      assert.deepEqual(await methodsOf(server), [
        'webauthn: Security key',
        'webauthn: Security key 2',
        'recovery: Recovery codes',
      ])
    })

    test('a key is not taken from another session, twice, late, or for a password alone that is old', async (t) => {
      const server = await startWithKeys(t, kind)
      const attacker = await logIn(server)
      const offered = await attacker.browser.open('/account/passkey')
      const [form] = formsOf(offered)
      const key = server.newKey()
      const answer = key.create(creationOf(offered))
      const victim = await logIn(server)
      assert.equal((await fillIn(victim.browser, offered, 'passkey', { answer })).status, 403)
      const own = await victim.browser.open('/account/passkey')
      const offer = form?.fields['offer'] ?? ''
      const refused = await fillIn(victim.browser, own, 'passkey', { answer, offer })
      assert.equal(refused.status, 400)
      assert.match(refused.text, /Try again/)
      for (const wrong of ['', '{}', 'null', '[]', '{"id":1}', 'x'.repeat(10_000)])
        assert.equal((await fillIn(victim.browser, own, 'passkey', { answer: wrong })).status, 400)
      assert.deepEqual(await methodsOf(server), [])

      const added = await add(victim.browser, key, 'passkey')
      assert.match(added.done.text, /It was added/)
      const again = await fillIn(victim.browser, added.page, 'passkey', { answer: added.answer })
      assert.equal(again.status, 400)
      const same = await add(victim.browser, key, 'passkey')
      assert.match(same.done.text, /This key is set up already/)
      assert.deepEqual(await methodsOf(server), ['passkey: Passkey'])

      const page = await victim.browser.open('/account/security-key')
      server.wait(16 * minute)
      const late = await fillIn(victim.browser, page, 'security-key', {
        answer: server.newKey().create(creationOf(page)),
      })
      assert.ok(isLogIn(late))
      assert.ok(isLogIn(await victim.browser.open('/account/passkey')))
      assert.deepEqual(await methodsOf(server), ['passkey: Passkey'])
    })

    test('a passkey that is the only way to log in stays', async (t) => {
      const server = await startWithKeys(t, kind)
      const { browser } = await logIn(server)
      await add(browser, server.newKey(), 'passkey')
      const form = await openMethod(browser)
      await server.ctx.store.db.deleteFrom('passwords').where('user_id', '=', server.admin.userId).execute()
      const refused = await fillIn(browser, form, 'method/remove')
      assert.equal(refused.status, 400)
      assert.match(refused.text, /only way to log in/)
      assert.equal(
        formsOf(refused).some(({ action }) => action.endsWith('remove')),
        false,
      )
      assert.deepEqual(await methodsOf(server), ['passkey: Passkey'])
    })

    test('a passkey that is the only second factor stays where one is required', async (t) => {
      const server = await startWithKeys(t, kind)
      const { browser } = await logIn(server)
      const key = server.newKey()
      await add(browser, key, 'passkey')
      await server.setPolicy({ policy: 'required' })
      const entered = await usePasskey(server, key)
      const form = await openMethod(entered.browser)
      assert.match(form.text, /You have to have a second factor/)
      const moved = { ...form, text: form.text.replace('/method/name"', '/method/remove"') }
      const refused = await fillIn(entered.browser, moved, 'method/remove')
      assert.equal(refused.status, 400)
      assert.deepEqual(await methodsOf(server), ['passkey: Passkey'])

      await add(entered.browser, server.newKey(), 'security-key')
      const again = await openMethod(entered.browser)
      assert.match((await fillIn(entered.browser, again, 'method/remove')).text, /It was removed/)
    })

    test('keys are not offered where the tenant does not allow them', async (t) => {
      const server = await startWithKeys(t, kind, { factors: { 'webauthn-roaming': false } })
      const { browser, page } = await logIn(server)
      assert.doesNotMatch(page.text, /Add a security key/)
      assert.match(page.text, /Add a passkey/)
      const answer = await browser.open('/account/security-key')
      assert.equal(answer.url, new URL('/account', server.issuer).href)
    })
  })
