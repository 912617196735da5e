import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { countHashes } from '../crypto/testing.ts'
import { stores } from '../store/testing.ts'
import { findPasswordHash, findUserByEmail } from '../users/store.ts'
import { throttleRequest } from './attempts.ts'
import { signIn } from './sign-in.ts'
import { type SignUpRequest, signUp } from './sign-up.ts'
import { type Fixture, openFixture } from './testing.ts'

const info = { ip: '203.0.113.7', userAgent: 'test' }
const fresh = { email: 'Rosalind@Example.com', password: 'orange tractor' }

function up({ ctx, connection }: Fixture, given: Partial<SignUpRequest> = {}) {
  return signUp(ctx, { connection, ...fresh, ...info, ...given })
}

for (const kind of stores)
  describe(`sign-up on ${kind.name}`, () => {
    test('a new account can sign in, is unverified, and its address gets a link', async (t) => {
      const fixture = await openFixture(t, kind)
      const outcome = await up(fixture)
      assert.ok('user' in outcome)
      assert.deepEqual([outcome.user.email, outcome.user.emailVerified], ['rosalind@example.com', false])
      const signedIn = await signIn(fixture.ctx, {
        connection: fixture.connection,
        identifier: fresh.email,
        password: fresh.password,
        ...info,
      })
      assert.ok('user' in signedIn)
      const [mail] = await fixture.mails()
      assert.equal(mail?.recipient, 'rosalind@example.com')
      assert.match(mail.text, /https:\/\/id\.example\.com\/u\/email-verification\?ticket=[\w-]{43}\n/)
      assert.deepEqual(await fixture.logTypes(), ['ss'])
    })

    test('what cannot be an account is refused, and says why to its owner alone', async (t) => {
      const fixture = await openFixture(t, kind)
      await up(fixture)
      assert.deepEqual(await up(fixture, { email: ' ROSALIND@example.com' }), { refused: 'exists' })
      assert.deepEqual(await up(fixture, { email: 'no address' }), { refused: 'invalid' })
      assert.deepEqual(await up(fixture, { email: 'a\0b@example.com' }), { refused: 'invalid' })
      const weak = await up(fixture, { email: 'other@example.com', password: 'password123' })
      assert.ok('problem' in weak && weak.problem.name === 'PasswordDictionaryError')
      assert.deepEqual(await fixture.logTypes(), ['ss', 'fs', 'fs', 'fs', 'fs'])
      assert.equal((await fixture.mails()).length, 1)
    })

    test('a connection that takes no new accounts takes none', async (t) => {
      const fixture = await openFixture(t, kind, { disable_signup: true })
      assert.deepEqual(await up(fixture), { refused: 'disabled' })
      assert.equal(
        await findUserByEmail(fixture.ctx.store.db, fixture.connection.name, fresh.email),
        undefined,
      )
    })

    test('a second sign-up leaves the first password and its owner alone', async (t) => {
      const fixture = await openFixture(t, kind)
      const first = await up(fixture)
      assert.ok('user' in first)
      const { db } = fixture.ctx.store
      const hash = await findPasswordHash(db, first.user.userId)
      await up(fixture, { password: 'another tractor' })
      assert.equal(await findPasswordHash(db, first.user.userId), hash)
    })

    test('of many sign-ups with one address at once, one succeeds', async (t) => {
      const fixture = await openFixture(t, kind)
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => up(fixture)))
      assert.equal(outcomes.filter((outcome) => 'user' in outcome).length, 1)
      assert.equal(
        outcomes.filter((outcome) => 'refused' in outcome && outcome.refused === 'exists').length,
        9,
      )
    })

    test('asking for taken addresses is slowed per network', async (t) => {
      const fixture = await openFixture(t, kind)
      await up(fixture)
      for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 25 }, () => up(fixture)))
      const outcome = await up(fixture)
      assert.ok('refused' in outcome)
      assert.equal(outcome.refused, 'too_many_attempts')
    })

    test('new accounts, each of which mails a link, are slowed per network', async (t) => {
      const fixture = await openFixture(t, kind)
      for (let i = 0; i < 50; i++) assert.equal(await throttleRequest(fixture.ctx, 'sign-up', info.ip), 0)
      const outcome = await up(fixture)
      assert.ok('retryAfterSeconds' in outcome && outcome.retryAfterSeconds > 0)
      assert.equal((await fixture.mails()).length, 0)
      assert.ok('user' in (await up(fixture, { ip: '203.0.113.8' })))
    })

    test('a hostile address is refused before anything is hashed', async (t) => {
      const fixture = await openFixture(t, kind)
      for (const email of [
        'a@'.repeat(25_000),
        `${'a'.repeat(50_000)}@example.com`,
        '@'.repeat(50_000),
        `a@${'b.'.repeat(120)}c`,
      ]) {
        const hashes = await countHashes(async () =>
          assert.deepEqual(await up(fixture, { email }), { refused: 'invalid' }, email.slice(0, 20)),
        )
        assert.equal(hashes, 0)
      }
    })
  })
