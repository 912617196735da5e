import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeJwt } from 'jose'
import { multiFactor } from '../../factors/policy.ts'
import { listMethods } from '../../factors/store.ts'
import { stores } from '../../store/testing.ts'
import { cbor, creationOf, type Forgery, requestOf, type SoftKey } from '../../testing/authenticator.ts'
import { Browser, type Page } from '../../testing/browser.ts'
import { addKey, codeOf, email, enrolInLogIn, isLoggedIn, startWithKeys } from './testing-keys.ts'

/** Answers the page that asks for a key, with whatever is forged. */
const answer = (key: SoftKey, page: Page, forgery?: Forgery) => ({
  answer: key.get(requestOf(page), forgery),
})

/** What is no answer of a key. */
const garbage = [
  '',
  'null',
  '[]',
  '{',
  '{"id":1}',
  JSON.stringify({ id: 'AA', type: 'public-key', response: {} }),
  JSON.stringify({ id: '\u0000', type: 'public-key', response: 'x' }),
  '['.repeat(16_000),
]

for (const kind of stores)
  describe(`security keys on ${kind.name}`, { timeout: 120_000 }, () => {
    it('are set up in a log-in that needs a second factor, and are in the tokens', async (t) => {
      const server = await startWithKeys(t, kind, { policy: 'required' })
      const { browser, request, page } = await server.typePassword()
      assert.match(page.text, /Use a security key instead/)
      const form = await browser.open(`${page.url}?kind=key`)
      const options = creationOf(form)
      assert.deepEqual(
        [options.rp, options.attestation, options.authenticatorSelection?.userVerification],
        [{ name: 'Rolecall', id: 'localhost' }, 'none', 'discouraged'],
      )
      assert.doesNotMatch(JSON.stringify(options.user.id), new RegExp(server.admin.userId.slice(6)))
      const key = server.newKey()
      const shown = await browser.submit(form, { answer: key.create(options) })
      assert.match(shown.text, /Keep these recovery codes/)
      const { body } = await server.tokens(codeOf(await browser.submit(shown)), request)
      const claims = decodeJwt(body.access_token)
      assert.deepEqual([claims['acr'], claims['amr']], [multiFactor, ['pwd', 'pop', 'user', 'mfa']])

      const again = await server.typePassword()
      assert.match(again.page.text, /Use your security key/)
      assert.equal(await isLoggedIn(server, again.browser), false, 'the password alone gives no session')
      const done = await again.browser.submit(again.page, answer(key, again.page))
      assert.ok(codeOf(done))
      assert.equal(await isLoggedIn(server, again.browser), true)
    })

    it('answer one page of one browser, once', async (t) => {
      const server = await startWithKeys(t, kind)
      const { key } = await enrolInLogIn(server)
      // Without a counter: the challenge alone has to tell a replay.
      key.step = 0
      const [one, other] = [await server.typePassword(), await server.typePassword()]
      const given = answer(key, one.page)
      assert.equal((await other.browser.submit(other.page, given)).status, 400)
      const [, challenge = ''] = /name="challenge" value="([^"]*)"/.exec(one.page.text) ?? []
      assert.equal((await other.browser.submit(other.page, { ...given, challenge })).status, 400)
      const victim = new Browser(server.issuer)
      assert.match((await victim.open(one.page.url)).text, /This page has expired/)
      assert.match((await victim.submit(one.page, given)).text, /This page has expired/)

      const twice = await Promise.all([1, 2, 3].map(() => one.browser.submit(one.page, given)))
      assert.equal(twice.filter(({ headers }) => headers.has('location')).length, 1)
      const late = await one.browser.submit(one.page, given)
      assert.equal(late.headers.has('location'), false)
      // The same page answered again after it was used, and a page that was open for too long.
      const slow = await server.typePassword()
      server.wait(31 * 60_000)
      assert.match((await slow.browser.submit(slow.page, answer(key, slow.page))).text, /name="password"/)
    })

    it('are refused when the counter is not higher than before, and the user is told why', async (t) => {
      const server = await startWithKeys(t, kind)
      const { key } = await enrolInLogIn(server)
      const use = async (counter: number) => {
        const { browser, page } = await server.typePassword()
        return browser.submit(page, answer(key, page, { counter }))
      }
      assert.ok(codeOf(await use(10)))
      for (const counter of [10, 9, 0]) {
        const refused = await use(counter)
        assert.equal(refused.status, 400)
        assert.match(refused.text, /there may be a copy of it/)
        const [entry] = await server.logs()
        assert.equal(entry?.type, 'gd_auth_failed')
        assert.match(
          entry?.description ?? '',
          new RegExp(`counter ${counter} of Security key is not higher than 10`),
        )
      }
      assert.ok(codeOf(await use(11)))
    })

    it('pass once where two pages are answered with one value of the counter', async (t) => {
      const server = await startWithKeys(t, kind)
      const { key } = await enrolInLogIn(server)
      const pages = []
      for (let i = 0; i < 4; i++) pages.push(await server.typePassword())
      const done = await Promise.all(
        pages.map(({ browser, page }) => browser.submit(page, answer(key, page, { counter: 7 }))),
      )
      assert.equal(done.filter(({ headers }) => headers.has('location')).length, 1)
    })

    it('are set up once, for one user', async (t) => {
      const server = await startWithKeys(t, kind)
      const { key } = await addKey(server, server.admin, 'webauthn')
      for (const user of [server.admin, server.member])
        for (const type of ['webauthn', 'passkey'] as const)
          assert.deepEqual((await addKey(server, user, type, { key })).outcome, { refused: 'key_taken' })
      const { offer } = await addKey(server, server.admin, 'webauthn', { forgery: { type: 'x' } })
      assert.deepEqual(
        offer.options.excludeCredentials?.map(({ id }) => id),
        [key.id],
      )
      const racing = server.newKey()
      const users = [server.admin, server.member]
      const both = await Promise.all(users.map((user) => addKey(server, user, 'webauthn', { key: racing })))
      assert.equal(both.filter(({ outcome }) => 'user' in outcome).length, 1)
    })

    it('have names of their own, and at most twenty methods are stored', async (t) => {
      const server = await startWithKeys(t, kind)
      const names = []
      for (let i = 0; i < 20; i++) {
        const { outcome } = await addKey(server, server.admin, 'webauthn')
        names.push('refused' in outcome ? outcome.refused : 'added')
      }
      // The recovery codes are one of them.
      assert.deepEqual(names.slice(-2), ['added', 'too_many_methods'])
      const methods = await listMethods(server.ctx.store.db, server.admin.userId)
      assert.deepEqual(
        methods.slice(0, 3).map(({ name }) => name),
        ['Security key', 'Security key 2', 'Security key 3'],
      )
    })
  })

describe('security keys', { timeout: 120_000 }, () => {
  const [kind] = stores
  assert.ok(kind)

  it('step a session up, and the page offers what else the user has', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key, codes } = await enrolInLogIn(server)
    await server.setPolicy({ policy: 'never' })
    const { browser, page } = await server.typePassword()
    assert.ok(codeOf(page))
    await server.setPolicy({ policy: 'optional' })
    const asked = await server.began({}, browser)
    assert.match(asked.page.text, /kind=recovery">Use a recovery code/)
    const recovery = await browser.open(`${asked.page.url}?kind=recovery`)
    assert.match(recovery.text, /kind=key">Use a security key/)
    const done = await browser.submit(asked.page, answer(key, asked.page))
    const { body } = await server.tokens(codeOf(done), asked.request)
    assert.deepEqual(decodeJwt(body.id_token)['amr'], ['pwd', 'pop', 'user', 'mfa'])

    const lost = await server.typePassword()
    const form = await lost.browser.open(`${lost.page.url}?kind=recovery`)
    assert.ok(codeOf(await lost.browser.submit(form, { code: codes[0] ?? '' })))
  })

  it('are refused for each part of an answer that is not as it must be (WebAuthn §7.2)', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolInLogIn(server)
    const { key: foreign } = await addKey(server, server.member, 'webauthn')
    const forgeries: Record<string, Forgery> = {
      'another origin': { origin: 'https://attacker.example' },
      'the origin of another port': { origin: 'http://localhost:1' },
      'another RP ID': { rpId: 'attacker.example' },
      'another challenge': { challenge: Buffer.alloc(32).toString('base64url') },
      'the making of a key': { type: 'webauthn.create' },
      'a frame': { crossOrigin: true },
      'no person': { isPresent: false },
      'a signature of zeros': { signature: Buffer.alloc(70).toString('base64url') },
      'the credential of another user': { id: foreign.id },
      'an unknown credential': { id: 'AAAA' },
      'authenticator data that are too short': { authenticatorData: 'AAAA' },
      'an origin that no database stores': { origin: '\u0000\ud800' },
    }
    const answers = [
      ...Object.entries(forgeries).map(
        ([name, forgery]) => [name, (page: Page) => key.get(requestOf(page), forgery)] as const,
      ),
      ['the key of another user', (page: Page) => foreign.get(requestOf(page))] as const,
      ...garbage.map((text) => [`garbage ${text.slice(0, 20)}`, () => text] as const),
    ]
    for (const [name, answerOf] of answers) {
      await server.endPauses()
      const { browser, page } = await server.typePassword()
      const refused = await browser.submit(page, { answer: answerOf(page) })
      assert.equal(refused.status, 400, name)
      assert.match(refused.text, /This key was not accepted/, name)
      assert.equal(await isLoggedIn(server, browser), false, name)
    }
    const { browser, page } = await server.typePassword()
    assert.equal((await browser.submit(page, { answer: 'x'.repeat(20_000) })).status, 400)
    assert.equal((await browser.submit(page, { answer: 'x'.repeat(2 ** 21) })).status, 413)
    await server.endPauses()
    const right = await server.typePassword()
    assert.ok(codeOf(await right.browser.submit(right.page, answer(key, right.page))))
    const refusals = (await server.logs()).filter(({ type }) => type === 'gd_auth_failed')
    assert.equal(refusals.length, answers.length)
    assert.ok(refusals.some(({ description }) => /attacker\.example/.test(description)))
  })

  it('pause after five refusals, also for a right answer', async (t) => {
    const server = await startWithKeys(t, kind)
    const { key } = await enrolInLogIn(server)
    const { browser, page } = await server.typePassword()
    let last = page
    for (let i = 0; i < 5; i++) last = await browser.submit(last, { answer: '' })
    assert.equal(last.status, 400)
    const paused = await browser.submit(last, answer(key, last))
    assert.equal(paused.status, 429)
    assert.ok(Number(paused.headers.get('retry-after')) > 0)
  })

  it('are not set up by an answer that is not as it must be (WebAuthn §7.1)', async (t) => {
    const server = await startWithKeys(t, kind, { policy: 'required' })
    const { browser, page } = await server.typePassword()
    let form = await browser.open(`${page.url}?kind=key`)
    const key = server.newKey()
    const forgeries: Forgery[] = [
      { origin: 'https://attacker.example' },
      { rpId: 'attacker.example' },
      { challenge: Buffer.alloc(32).toString('base64url') },
      { type: 'webauthn.get' },
      { crossOrigin: true },
      { isPresent: false },
      { attestationObject: 'AAAA' },
      // Nested more deeply than any stack, a map without its members, and bytes of a length that is not there.
      { attestationObject: Buffer.alloc(11_000, 0x81).toString('base64url') },
      { attestationObject: Buffer.from('bb7fffffffffffffff', 'hex').toString('base64url') },
      { attestationObject: Buffer.from('5b7fffffffffffffff', 'hex').toString('base64url') },
      { attestationObject: cbor(new Map([['fmt', 'none']])).toString('base64url') },
    ]
    const answers = [...forgeries.map((forgery) => key.create(creationOf(form), forgery)), ...garbage]
    for (const text of answers) {
      form = await browser.submit(form, { answer: text })
      assert.equal(form.status, 400, text.slice(0, 200))
      assert.match(form.text, /This key was not accepted/)
    }
    assert.deepEqual(await listMethods(server.ctx.store.db, server.admin.userId), [])
    const shown = await browser.submit(form, { answer: key.create(creationOf(form)) })
    assert.match(shown.text, /Keep these recovery codes/)
  })

  it('are set up without a look at an attestation, which was not asked for', async (t) => {
    const server = await startWithKeys(t, kind)
    const key = server.newKey()
    const { offer, user } = await addKey(server, server.member, 'webauthn', { key, forgery: { type: 'x' } })
    const { response } = JSON.parse(key.create(offer.options))
    const bytes = Buffer.from(response.attestationObject, 'base64url')
    const authData = bytes.subarray(bytes.indexOf('authData') + 'authData'.length + 2)
    // A statement with a certificate would have its revocation looked up, at an address in it.
    const statement = new Map<string, number | Buffer>([
      ['alg', -7],
      ['sig', Buffer.alloc(64)],
      ['x5c', Buffer.alloc(64)],
    ])
    const attestation = new Map<string, string | Buffer | Map<string, number | Buffer>>([
      ['fmt', 'packed'],
      ['attStmt', statement],
      ['authData', authData],
    ])
    const forgery = { attestationObject: cbor(attestation).toString('base64url') }
    const { outcome } = await addKey(server, user, 'webauthn', { key, forgery })
    assert.ok('user' in outcome)
  })

  it('are set up by the browser that typed the password, with its own offer', async (t) => {
    const server = await startWithKeys(t, kind, { policy: 'required' })
    const attacker = await server.typePassword()
    const form = await attacker.browser.open(`${attacker.page.url}?kind=key`)
    const key = server.newKey()
    const given = { answer: key.create(creationOf(form)) }
    const victim = new Browser(server.issuer)
    assert.match((await victim.open(form.url)).text, /This page has expired/)
    assert.match((await victim.submit(form, given)).text, /This page has expired/)
    const [, offer = ''] = /name="offer" value="([^"]*)"/.exec(form.text) ?? []
    const own = await server.typePassword()
    const ownForm = await own.browser.open(`${own.page.url}?kind=key`)
    const refused = await own.browser.submit(ownForm, { ...given, offer })
    assert.equal(refused.status, 400)
    // The offer of a page that was open for too long, and one of before another factor was set up.
    assert.ok('user' in (await addKey(server, server.admin, 'webauthn')).outcome)
    assert.match((await attacker.browser.submit(form, given)).text, /name="password"/)
  })

  it('are neither set up nor accepted where the tenant has disabled them', async (t) => {
    const server = await startWithKeys(t, kind)
    const { codes } = await enrolInLogIn(server)
    await server.setPolicy({ factors: { 'webauthn-roaming': false } })
    assert.deepEqual((await addKey(server, server.member, 'webauthn')).outcome, { refused: 'not_offered' })
    const { browser, page } = await server.typePassword()
    assert.match(page.text, /Use a recovery code/)
    assert.doesNotMatch(page.text, /data-key/)
    assert.ok(codeOf(await browser.submit(page, { code: codes[0] ?? '' })))
    await server.setPolicy({ factors: { otp: false } })
    const off = await server.typePassword()
    assert.ok(codeOf(off.page), 'without any factor there is no second step')
  })

  it('are a page that tells a browser without script what else there is', async (t) => {
    const server = await startWithKeys(t, kind)
    await enrolInLogIn(server)
    const { page } = await server.typePassword()
    assert.match(page.text, /data-missing>A security key needs JavaScript/)
    assert.match(page.text, new RegExp(`for ${email}`))
    const csp = page.headers.get('content-security-policy') ?? ''
    const [, script = ''] = /<script type="module" src="([^"]*)">/.exec(page.text) ?? []
    assert.ok(csp.split('; ').includes(`script-src ${new URL(script, server.issuer).href}`))
    const file = await fetch(new URL(script, server.issuer))
    assert.deepEqual([file.status, file.headers.get('content-type')], [200, 'text/javascript; charset=utf-8'])
  })
})
