import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { pausedNetworks } from '../accounts/attempts.ts'
import { mailPasswordReset } from '../accounts/password-reset.ts'
import { signIn } from '../accounts/sign-in.ts'
import { signUp } from '../accounts/sign-up.ts'
import { openFixture } from '../accounts/testing.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from './users.ts'

const connection = 'Username-Password-Authentication'

/** Spellings of one address each. */
const spellings = {
  'NFC, NFD and capital letters': ['josé@x.test', 'jose\u0301@x.test', 'JOSÉ@X.TEST'],
  'Unicode and Punycode': ['a@bücher.example', 'a@xn--bcher-kva.example', 'A@XN--BCHER-KVA.EXAMPLE'],
  'decomposed and fullwidth domains': ['a@bu\u0308cher.test', 'a@ｂücher.test', 'a@xn--bcher-kva.test'],
  'a domain that is no host name': ['a@ex_ample.com', 'A@EX_AMPLE.com'],
  'a domain that is no host name, in Unicode': ['a@é_x/y.com', 'a@e\u0301_X/Y.com'],
  'the dot of the root': ['dot@x.test', 'dot@x.test.'],
  'invisible characters': ['in\u200bvisible@x.test', 'invisible@x.test', 'invisible\u2060@x.test'],
  'a capital sigma': ['ΝΙΚΟΣ@x.test', 'νικος@x.test', 'νικοσ@x.test'],
  'marks in another order': ['a\u0323\u0307@x.test', 'a\u0307\u0323@x.test', 'ạ\u0307@x.test'],
  'a capital sharp s': ['STRAẞE@x.test', 'straße@x.test'],
}

/** Addresses that look alike, and are different accounts. */
const distinct = [
  ['paypal@x.test', 'pаypal@x.test'],
  ['a@paypal.test', 'a@раypal.test'],
  ['a@faß.test', 'a@fass.test'],
  ['a@βόλος.test', 'a@βόλοσ.test'],
  ['straße2@x.test', 'strasse2@x.test'],
  ['dotless-i@x.test', 'dotless-ı@x.test'],
  ['fullwidth@x.test', 'ｆullwidth@x.test'],
  ['a@ü.test', 'a@ü.test/x'],
  ['a@üa.test', 'a@ü%61.test'],
]

for (const kind of stores)
  describe(`spellings of one name on ${kind.name}`, { timeout: 120_000 }, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    const call: ManagementServer['call'] = (...given) => server.call(...given)
    const create = (given: object) =>
      call('POST', '/users', { connection, verify_email: false, email: 'unused@x.test', ...given })

    before(async () => {
      server = await startManagement(end, kind)
    })

    for (const [what, [first = '', ...others]] of Object.entries(spellings))
      it(`are one account: ${what}`, async () => {
        const { status, body } = await create({ email: first })
        assert.equal(status, 201, JSON.stringify(body))
        for (const email of [first, ...others]) {
          assert.equal((await create({ email })).status, 409, email)
          const found = await call('GET', `/users-by-email?email=${encodeURIComponent(email)}`)
          assert.deepEqual(
            found.body.map(({ user_id }) => user_id),
            [body['user_id']],
            email,
          )
          const q = encodeURIComponent(`email:"${email}"`)
          assert.equal((await call('GET', `/users?q=${q}`)).body.length, 1, email)
        }
      })

    it('are distinct accounts where they only look alike', async () => {
      for (const [one, other] of distinct) {
        assert.equal((await create({ email: one })).status, 201, one)
        assert.equal((await create({ email: other })).status, 201, other)
      }
    })

    it('cannot be taken by changing an address or a user name', async () => {
      await create({ email: 'renée@x.test', username: 'Renée' })
      const { body } = await create({ email: 'other@x.test' })
      const path = `/users/${encodeURIComponent(String(body['user_id']))}`
      const email = await call('PATCH', path, { email: 'rene\u0301e@x.test' })
      assert.deepEqual([email.status, email.body['message']], [400, 'The specified new email already exists'])
      const username = await call('PATCH', path, { username: ' RENE\u0301E' })
      assert.deepEqual(
        [username.status, username.body['message']],
        [400, 'The specified new username already exists'],
      )
      assert.equal((await create({ email: 'third@x.test', username: 'renée\u00a0' })).status, 409)
      assert.equal((await call('PATCH', path, { username: 'Renée 2' })).status, 200)
      assert.equal((await call('PATCH', path, { username: null, email: 'OTHER@x.test' })).status, 200)
      assert.equal((await create({ email: 'third@x.test', username: 'renée 2' })).status, 201)
    })

    it('are one role', async () => {
      for (const [first, ...others] of [
        ['Editors', 'Editors ', 'editors', '\u00a0Editors', 'Edi\u200btors'],
        ['Résumé', 'Re\u0301sume\u0301', 'RÉSUMÉ'],
        ['Night shift', 'Night  shift', 'night\u2003shift'],
      ]) {
        const made = await call('POST', '/roles', { name: first })
        assert.deepEqual([made.status, made.body['name']], [200, first])
        for (const name of others) assert.equal((await call('POST', '/roles', { name })).status, 409, name)
        const filter = encodeURIComponent(others.at(-1) ?? '')
        assert.equal((await call('GET', `/roles?name_filter=${filter}`)).body.length, 1)
        const other = await call('POST', '/roles', { name: `Other ${first}` })
        const renamed = await call('PATCH', `/roles/${String(other.body['id'])}`, { name: others[0] })
        assert.equal(renamed.status, 409)
      }
    })

    it('show something, as a name must', async () => {
      for (const name of [' ', '\u00a0\u3000', '\u200b\u2060'])
        assert.equal((await call('POST', '/roles', { name })).status, 400, JSON.stringify(name))
      assert.equal((await create({ username: '\u200b' })).status, 400)
    })

    it('are found by the beginning of a name, in any form', async () => {
      for (const name of ['Josè Marìa', 'Jose\u0300 Luis', 'ΟΔΥΣΣΕΥΣ'])
        await create({ email: `${encodeURIComponent(name).slice(-9).replaceAll('%', '')}@names.test`, name })
      const found = async (q: string) => (await call('GET', `/users?q=${encodeURIComponent(q)}`)).body.length
      assert.equal(await found('name:Josè*'), 2)
      assert.equal(await found('name:Jose\u0300*'), 2)
      assert.equal(await found('name:*Marı\u0300a OR name:*MARI\u0300A'), 1)
      assert.equal(await found('name:οδυς*'), 1)
    })

    it('are unblocked together, because they are counted together', async (t) => {
      const { ctx, connection: people } = await openFixture(t, kind)
      await transaction(ctx, async (tx) =>
        createUser(tx, {
          connection: people.name,
          email: 'josé@bücher.example',
          passwordHash: await hashPassword('orange tractor'),
        }),
      )
      const attempt = (identifier: string, password: string) =>
        signIn(ctx, { connection: people, identifier, password, ip: '203.0.113.7' })
      const all = ['josé@bücher.example', 'JOSE\u0301@xn--bcher-kva.example', 'josé@BÜCHER.example.']
      for (const identifier of all) assert.ok('user' in (await attempt(identifier, 'orange tractor')))
      const tooLong = 'x'.repeat(1_025)
      for (let n = 0; n < 10; n++) await attempt(all[n % 3] ?? '', tooLong)
      for (const identifier of all) {
        const outcome = await attempt(identifier, 'orange tractor')
        assert.ok('refused' in outcome && outcome.refused === 'too_many_attempts')
        assert.equal((await pausedNetworks(ctx.store.db, people.name, identifier, ctx.clock())).length, 1)
      }
    })

    it('can sign up once, and mail goes to the stored address whatever was typed', async (t) => {
      const fixture = await openFixture(t, kind)
      const { ctx, connection: people } = fixture
      const up = (email: string) =>
        signUp(ctx, { connection: people, email, password: 'orange tractor', ip: '203.0.113.7' })
      assert.ok('user' in (await up('jürgen@bücher.example')))
      for (const email of ['ju\u0308rgen@bücher.example', 'jürgen@xn--bcher-kva.example'])
        assert.deepEqual(await up(email), { refused: 'exists' })
      await mailPasswordReset(ctx, people, 'JÜRGEN@xn--bcher-kva.example', { ip: '203.0.113.7' })
      assert.deepEqual(
        (await fixture.mails()).map(({ recipient }) => recipient),
        ['jürgen@bücher.example', 'jürgen@bücher.example'],
      )
    })

    it('can log in with an address that is not ASCII, in either form', async (t) => {
      const { ctx, connection: people } = await openFixture(t, kind)
      const passwordHash = await hashPassword('orange tractor')
      for (const [email = '', ...typed] of [
        ['jürgen@example.com', 'ju\u0308rgen@example.com'],
        ['a@bücher.example', 'a@xn--bcher-kva.example'],
        ['用户@example.com', '用户@EXAMPLE.com'],
        ['a@ex_ample.com', 'A@ex_ample.com'],
      ]) {
        await transaction(ctx, (tx) => createUser(tx, { connection: people.name, email, passwordHash }))
        for (const identifier of [email, ...typed])
          assert.ok(
            'user' in
              (await signIn(ctx, {
                connection: people,
                identifier,
                password: 'orange tractor',
                ip: '203.0.113.7',
              })),
            identifier,
          )
      }
    })
  })
