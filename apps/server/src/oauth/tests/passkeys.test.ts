import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeJwt } from 'jose'
import { issueOwnerLink } from '../../accounts/owner-links.ts'
import { replacePassword } from '../../accounts/passwords.ts'
import { issueMailedLink } from '../../accounts/tickets.ts'
import { newConnection, updateConnection } from '../../connections/connections.ts'
import { enableApplication, findConnection, insertConnection } from '../../connections/store.ts'
import { removeMethod } from '../../factors/factors.ts'
import { enrolKey, offerKey } from '../../factors/keys.ts'
import { multiFactor } from '../../factors/policy.ts'
import { listMethods } from '../../factors/store.ts'
import { listIdentities } from '../../identities/store.ts'
import { addProvider, linkIdentity } from '../../roles/testing-provider.ts'
import { stores } from '../../store/testing.ts'
import { type Tx, transaction } from '../../store/transaction.ts'
import { type Forgery, requestOf, type SoftKey } from '../../testing/authenticator.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { startServer } from '../../testing/server.ts'
import { authorizationRequest, logIn, makeTutorial, password, refresh } from '../../testing/tutorial.ts'
import { findUser } from '../../users/store.ts'
import type { User } from '../../users/user.ts'
import { createUser, updateUser } from '../../users/users.ts'
import { addKey, codeOf, email, isLoggedIn, type KeyServer, startWithKeys } from './testing-keys.ts'

/** The form of the passkey, by its place on the log-in page. */
const formOf = (page: Page) => formsOf(page).findIndex(({ action }) => action.endsWith('/passkey'))

/** Answers the log-in page with a passkey. */
const use = (browser: Browser, page: Page, key: SoftKey, forgery?: Forgery) =>
  browser.submit(page, { answer: key.get(requestOf(page), forgery) }, formOf(page))

async function enrolled(server: KeyServer) {
  const { key, outcome } = await addKey(server, server.admin, 'passkey')
  assert.ok('user' in outcome)
  return { key, outcome }
}

const setPasskeys = (server: KeyServer, enabled: boolean) =>
  transaction(server.ctx, async (tx) => {
    const connection = await findConnection(tx.db, server.admin.connection)
    assert.ok(connection)
    const options = { ...connection.options, authentication_methods: { passkey: { enabled } } }
    await updateConnection(tx, server.ctx, connection.id, { options }, async () => undefined)
  })

for (const kind of stores)
  describe(`passkeys on ${kind.name}`, { timeout: 120_000 }, () => {
    it('log a user in without a password and without a second step', async (t) => {
      const server = await startWithKeys(t, kind, { policy: 'required' })
      const { key, outcome } = await enrolled(server)
      assert.equal('recoveryCodes' in outcome, false, 'a passkey is no second factor')
      const { browser, page, request } = await server.began()
      const done = await use(browser, page, key)
      const { body } = await server.tokens(codeOf(done), request)
      const claims = decodeJwt(body.access_token)
      assert.equal(claims.sub, server.admin.userId)
      assert.deepEqual([claims['acr'], claims['amr']], [multiFactor, ['pop', 'user', 'mfa']])
      assert.equal((await refresh(server, server.clientId, body.refresh_token)).status, 200)
      assert.equal(await isLoggedIn(server, browser), true)
      const [method] = await listMethods(server.ctx.store.db, server.admin.userId)
      assert.ok(method?.lastUsedAt)
      const entry = (await server.logs()).find(({ type }) => type === 's')
      assert.equal(entry?.user_id, server.admin.userId)
    })

    it('are accepted once: not again, and of parallel uses one', async (t) => {
      const server = await startWithKeys(t, kind)
      const { key } = await enrolled(server)
      key.step = 0
      const { browser, page } = await server.began()
      const answer = key.get(requestOf(page))
      const sent = await Promise.all([1, 2, 3].map(() => browser.submit(page, { answer }, formOf(page))))
      assert.equal(sent.filter(({ headers }) => headers.has('location')).length, 1)
      const other = await server.began()
      const [, challenge = ''] = /name="challenge" value="([^"]*)"/.exec(page.text) ?? []
      for (const fields of [{ answer }, { answer, challenge }]) {
        const replayed = await other.browser.submit(other.page, fields, formOf(other.page))
        assert.equal(replayed.status, 400)
      }
      assert.equal(await isLoggedIn(server, other.browser), false)

      const pages = [await server.began(), await server.began()]
      const both = await Promise.all(pages.map((one) => use(one.browser, one.page, key, { counter: 5 })))
      assert.equal(both.filter(({ headers }) => headers.has('location')).length, 1)
    })

    it('of a removed, blocked or foreign account do not log in', async (t) => {
      const server = await startWithKeys(t, kind)
      const { key } = await enrolled(server)
      const block = (blocked: boolean) =>
        transaction(server.ctx, (tx) => updateUser(tx, server.admin.userId, { blocked }))
      const tryIt = async () => {
        const { browser, page } = await server.began()
        const refused = await use(browser, page, key)
        assert.equal(await isLoggedIn(server, browser), false)
        return refused
      }
      await block(true)
      assert.match((await tryIt()).text, /This account is blocked/)
      assert.deepEqual((await server.logs())[0]?.description, 'User is blocked')
      await block(false)

      // The application moves to another database of users.
      await transaction(server.ctx, async (tx) => {
        const other = newConnection(tx.now + 1, { name: 'Other' })
        await insertConnection(tx.db, other)
        await enableApplication(tx.db, other.id, server.clientId)
      })
      const elsewhere = await server.began({ connection: 'Other' })
      const refused = await use(elsewhere.browser, elsewhere.page, key)
      assert.equal(refused.status, 400)
      assert.match(refused.text, /This passkey was not accepted/)

      const racing = await server.began()
      const answer = key.get(requestOf(racing.page))
      const [method] = await listMethods(server.ctx.store.db, server.admin.userId)
      await transaction(server.ctx, (tx) =>
        removeMethod(server.ctx, tx, server.admin.userId, method?.id ?? ''),
      )
      const late = await racing.browser.submit(racing.page, { answer }, formOf(racing.page))
      assert.equal(late.status, 400)
      assert.equal((await tryIt()).status, 400)
    })

    it('are not added by somebody whom a new password or a block has just shut out', async (t) => {
      const server = await startWithKeys(t, kind)
      const { ctx, admin, member } = server
      const changes = [
        [admin, (tx: Tx) => replacePassword(tx, admin, 'a hash')],
        [member, (tx: Tx) => updateUser(tx, member.userId, { blocked: true })],
      ] as const
      for (const [user, change] of changes) {
        const offer = await offerKey(ctx, user, 'here', 'passkey')
        assert.ok(offer)
        await transaction(ctx, async (tx) => void (await change(tx)))
        const given = { binding: 'here', type: 'passkey', origin: { ip: '127.0.0.1' } } as const
        const answer = server.newKey().create(offer.options)
        const outcome = await enrolKey(ctx, user, { ...given, sealed: offer.sealed, answer })
        assert.deepEqual(outcome, { refused: 'factors_changed' })
      }
    })

    it('keep of the ways to reach them only those that have a name', async (t) => {
      const server = await startWithKeys(t, kind)
      const sent = [['usb', 'smart-card'], ['\0'], ['\ud800'], ['<b>'], ['x'.repeat(31)], 'usb', [1], {}]
      for (const transports of sent) {
        const { outcome } = await addKey(server, server.admin, 'passkey', { forgery: { transports } })
        assert.ok('user' in outcome, JSON.stringify(transports))
      }
      const methods = await listMethods(server.ctx.store.db, server.admin.userId)
      const kept = methods.map((method) => ('transports' in method ? method.transports : []))
      assert.deepEqual(
        kept.filter(({ length }) => length > 0),
        [['usb', 'smart-card']],
      )
    })

    it('of somebody who made an account with the address of another end when its owner proves the address', async (t) => {
      const server = await startWithKeys(t, kind)
      const { ctx } = server
      const provider = await addProvider(ctx, 'company')
      /** By links that are mailed to the address, or printed for it on the server's terminal. */
      const takeOver = async (user: User, link: string) => {
        const browser = new Browser(server.issuer)
        const fields = { email: user.email, password: 'a new and better password' }
        await browser.submit(await browser.open(link), fields)
        assert.equal((await findUser(ctx.store.db, user.userId))?.emailVerified, true)
      }
      const links = [
        (user: User) => issueMailedLink(ctx, 'reset_password', user, {}, 3_600),
        () => issueOwnerLink(ctx),
      ]
      for (const [index, linkOf] of links.entries()) {
        const { connection } = server.admin
        const user = await transaction(ctx, (tx) =>
          createUser(tx, { connection, email: `victim${index}@example.com` }),
        )
        const { key } = await addKey(server, user, 'passkey')
        await addKey(server, user, 'webauthn')
        await transaction(ctx, (tx) => linkIdentity(tx, provider, `attacker${index}`, user.userId))
        await takeOver(user, await linkOf(user))
        const { browser, page } = await server.began()
        assert.equal((await use(browser, page, key)).status, 400)
        assert.equal(await isLoggedIn(server, browser), false)
        assert.deepEqual(await listIdentities(ctx.store.db, user.userId), [])
        // Second factors stay: a new password is not to take them away.
        const methods = await listMethods(ctx.store.db, user.userId)
        assert.deepEqual(
          methods.map(({ type }) => type),
          ['webauthn', 'recovery'],
        )

        // The address is verified now, so what is there was added by its owner.
        const { key: own } = await addKey(server, user, 'passkey')
        await takeOver(user, await linkOf(user))
        const again = await server.began()
        assert.ok(codeOf(await use(again.browser, again.page, own)))
      }
    })
  })

describe('passkeys', { timeout: 120_000 }, () => {
  const [kind] = stores
  assert.ok(kind)

  it('are refused for each part of an answer that is not as it must be (WebAuthn §7.2)', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolled(server)
    const { key: second } = await addKey(server, server.admin, 'webauthn')
    const forgeries: Forgery[] = [
      { isVerified: false },
      { isPresent: false },
      { origin: 'https://attacker.example' },
      { rpId: 'attacker.example' },
      { type: 'webauthn.create' },
      { challenge: Buffer.alloc(32).toString('base64url') },
      { crossOrigin: true },
      { signature: Buffer.alloc(70).toString('base64url') },
    ]
    const attempts = [
      ...forgeries.map((forgery) => (page: Page) => key.get(requestOf(page), forgery)),
      // A security key that is a second factor is none without the password, and it has verified no user.
      (page: Page) => second.get(requestOf(page)),
      (page: Page) => server.newKey().get(requestOf(page)),
      () => '',
      () => '{"id":"AA","type":"public-key","response":{}}',
    ]
    for (const [index, answerOf] of attempts.entries()) {
      const { browser, page } = await server.began()
      const refused = await browser.submit(page, { answer: answerOf(page) }, formOf(page))
      assert.equal(refused.status, 400, String(index))
      assert.match(refused.text, /This passkey was not accepted/)
      assert.equal(await isLoggedIn(server, browser), false)
    }
    const failures = (await server.logs()).filter(({ type }) => type === 'f')
    assert.equal(failures.length, attempts.length)
    assert.ok(failures.every(({ description }) => description.startsWith('Passkey refused: ')))
  })

  it('need a key that has checked who uses it when they are made', async (t) => {
    const server = await startWithKeys(t, kind)
    const { outcome } = await addKey(server, server.admin, 'passkey', { forgery: { isVerified: false } })
    assert.deepEqual(outcome, { refused: 'wrong_key' })
    const { offer } = await addKey(server, server.admin, 'passkey')
    assert.deepEqual(offer.options.authenticatorSelection, {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    })
  })

  it('belong to the browser that opened the log-in page', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolled(server)
    const attacker = await server.began()
    const victim = new Browser(server.issuer)
    assert.match((await use(victim, attacker.page, key)).text, /This page has expired/)
    // The answer to the page of another log-in, with its challenge, which is unused.
    const { browser, page } = await server.began()
    const [, challenge = ''] = /name="challenge" value="([^"]*)"/.exec(attacker.page.text) ?? []
    const foreign = { answer: key.get(requestOf(attacker.page)), challenge }
    assert.equal((await browser.submit(page, foreign, formOf(page))).status, 400)
    assert.ok(codeOf(await attacker.browser.submit(attacker.page, foreign, formOf(attacker.page))))
    // Without the token of the page.
    const answer = key.get(requestOf(page))
    const forged = await browser.submit(page, { answer, _csrf: 'x' }, formOf(page))
    assert.equal(forged.status, 403)
    assert.equal(await isLoggedIn(server, browser), false)
    server.wait(31 * 60_000)
    const late = await use(browser, page, key)
    assert.equal(late.status, 400)
    assert.match(late.text, /open for too long/)
  })

  it('with a counter that is not higher are refused, and the user is told why', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolled(server)
    const one = await server.began()
    assert.ok(codeOf(await use(one.browser, one.page, key, { counter: 9 })))
    const other = await server.began()
    const refused = await use(other.browser, other.page, key, { counter: 8 })
    assert.match(refused.text, /there may be a copy of it/)
    assert.match((await server.logs())[0]?.description ?? '', /counter 8 of Passkey is not higher than 9/)
  })

  it('give the browser a new session, in place of one that it had', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolled(server)
    const { browser } = await logIn(server, server.clientId, 'member@example.com')
    const sessionOf = () => browser.cookies.find(({ name }) => name === 'rolecall_session')?.value
    const before = sessionOf()
    const thief = new Browser(server.issuer)
    thief.steal([...browser.cookies].filter(({ name }) => name.startsWith('rolecall_session')))
    const { page, request } = await server.began({ prompt: 'login' }, browser)
    const { body } = await server.tokens(codeOf(await use(browser, page, key)), request)
    assert.equal(decodeJwt(body.id_token).sub, server.admin.userId)
    assert.notEqual(sessionOf(), before)
    assert.equal(await isLoggedIn(server, thief), false)
  })

  it('are a fresh log-in for max_age, and pass a step-up', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolled(server)
    const { browser } = await logIn(server, server.clientId, email)
    const { page, request } = await server.began({ max_age: '0', acr_values: multiFactor }, browser)
    const { body } = await server.tokens(codeOf(await use(browser, page, key)), request)
    const claims = decodeJwt(body.id_token)
    assert.deepEqual([claims['acr'], claims['amr']], [multiFactor, ['pop', 'user', 'mfa']])
    assert.equal(typeof claims['auth_time'], 'number')

    // Of a session with the password alone nothing but the second factor is missing, and the passkey is one.
    await server.setPolicy({ policy: 'never' })
    const other = await logIn(server, server.clientId, email)
    await server.setPolicy({ policy: 'required' })
    const asked = await server.began({}, other.browser)
    assert.match(asked.page.text, /Use your security key/)
    assert.ok(codeOf(await other.browser.submit(asked.page, { answer: key.get(requestOf(asked.page)) })))
  })

  it('are asked for after the password where a second factor is required, and none can be set up instead', async (t) => {
    const server = await startWithKeys(t, kind, { policy: 'required' })
    const { key } = await enrolled(server)
    const { browser, page } = await server.typePassword()
    assert.match(page.text, /Use your security key/)
    const enrol = await browser.open(page.url.replace(/factor$/, 'enrol'))
    assert.match(enrol.text, /Use your security key/)
    assert.ok(codeOf(await browser.submit(enrol, { answer: key.get(requestOf(enrol)) })))
  })

  it('count failures for the network, like wrong passwords', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolled(server)
    await server.ctx.store.db
      .insertInto('sign_in_attempts')
      .values({
        key: 'network|127.0.0.1',
        failures: 100,
        first_at: server.clock(),
        last_at: server.clock(),
        blocked_until: null,
      })
      .execute()
    const { browser, page } = await server.began()
    assert.equal((await browser.submit(page, { answer: '' }, formOf(page))).status, 400)
    const paused = await use(browser, page, key)
    assert.equal(paused.status, 429)
    assert.ok(Number(paused.headers.get('retry-after')) > 0)
    assert.ok((await server.logs()).some(({ type }) => type === 'limit_mu'))
  })

  it('are not offered, set up or accepted where the connection has them disabled', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolled(server)
    const { browser, page } = await server.began()
    await setPasskeys(server, false)
    assert.equal((await use(browser, page, key)).status, 400)
    assert.equal(formOf((await server.began()).page), -1)
    assert.deepEqual((await addKey(server, server.member, 'passkey')).outcome, { refused: 'not_offered' })
    await setPasskeys(server, true)
    const again = await server.began()
    assert.ok(codeOf(await use(again.browser, again.page, key)))
  })

  it('are suggested by the address field, of a page whose only script is named by its policy', async (t) => {
    const server = await startWithKeys(t, kind)
    const { page } = await server.began()
    assert.match(page.text, /name="email"[^>]*autocomplete="username webauthn"/)
    assert.deepEqual(requestOf(page).allowCredentials, [])
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /script-src http:\/\/localhost:\d+\/_assets\/keys/,
    )
  })

  it('are left out where browsers refuse them: at an address without a name, and without https', async (t) => {
    const server = await startServer(t, kind)
    const { spa } = await makeTutorial(server.ctx)
    const browser = new Browser(server.issuer)
    const page = await browser.open(authorizationRequest(server, spa.clientId).url)
    assert.doesNotMatch(page.text, /<script|webauthn|data-key/)
    const uid = new URL(page.url).pathname
    const sent = await browser.submit(
      { ...page, text: page.text.replace('/login"', '/passkey"') },
      {
        answer: '{}',
        challenge: 'x',
      },
    )
    assert.equal(sent.status, 400, uid)
    const done = await browser.submit(page, { email, password })
    assert.ok(codeOf(done))
  })
})
