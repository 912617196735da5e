import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sha256 } from '../crypto/secrets.ts'
import { endedKind, putArtifact } from '../sessions/store.ts'
import { stores } from '../store/testing.ts'
import { findUser } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { openVerification, verifyEmail } from './email-verification.ts'
import { mailPasswordReset, resetPassword } from './password-reset.ts'
import { signIn } from './sign-in.ts'
import { signUp } from './sign-up.ts'
import { deleteExpiredTickets } from './store.ts'
import { type Fixture, linkIn, openFixture } from './testing.ts'
import { openTicket } from './tickets.ts'

const email = 'rosalind@example.com'
const old = 'orange tractor'
const fresh = 'purple harvester'
const info = { ip: '203.0.113.7', removeOtherLogIns: async () => undefined }

interface ResetFixture extends Fixture {
  user: User
  /** The token of the newest mailed link that leads to this page. */
  token(page: 'reset-password' | 'email-verification'): Promise<string>
}

async function open(
  t: Parameters<typeof openFixture>[0],
  kind: (typeof stores)[number],
): Promise<ResetFixture> {
  const fixture = await openFixture(t, kind)
  const outcome = await signUp(fixture.ctx, { connection: fixture.connection, email, password: old, ...info })
  assert.ok('user' in outcome)
  fixture.pass(1)
  const token = async (page: string) => {
    const mail = (await fixture.mails()).findLast(({ text }) => text.includes(`/u/${page}?`))
    return linkIn(mail).searchParams.get('ticket') ?? ''
  }
  return { ...fixture, user: outcome.user, token }
}

async function ask(fixture: ResetFixture): Promise<string> {
  await mailPasswordReset(fixture.ctx, fixture.connection, 'Rosalind@Example.com', info)
  const token = await fixture.token('reset-password')
  fixture.pass(1)
  return token
}

async function opens(fixture: ResetFixture, password: string): Promise<boolean> {
  const outcome = await signIn(fixture.ctx, {
    connection: fixture.connection,
    identifier: email,
    password,
    ip: '198.51.100.1',
  })
  return 'user' in outcome
}

async function beginSession({ ctx, user }: ResetFixture): Promise<void> {
  for (const kind of ['Session', 'RefreshToken', 'Grant', 'AuthorizationCode'])
    await putArtifact(ctx.store.db, {
      kind,
      id_hash: sha256(kind),
      payload: 'sealed',
      grant_id: null,
      uid: null,
      user_code: null,
      user_id: user.userId,
      client_id: null,
      created_at: 0,
      expires_at: null,
    })
}

/** What is stored of sessions, codes and tokens. An ended session is kept until the applications are told of its end. */
function valid({ ctx }: Fixture) {
  return ctx.store.db.selectFrom('artifacts').selectAll().where('kind', '!=', endedKind).execute()
}

for (const kind of stores)
  describe(`password reset on ${kind.name}`, () => {
    test('the mailed link sets a new password, once', async (t) => {
      const fixture = await open(t, kind)
      const token = await ask(fixture)
      assert.ok('user' in (await resetPassword(fixture.ctx, token, fresh, info)))
      assert.deepEqual([await opens(fixture, old), await opens(fixture, fresh)], [false, true])
      assert.deepEqual(await resetPassword(fixture.ctx, token, 'third vehicle', info), { refused: 'link' })
      assert.equal(await opens(fixture, fresh), true)
    })

    test('of 20 parallel uses of one link exactly one wins', async (t) => {
      const fixture = await open(t, kind)
      const token = await ask(fixture)
      const passwords = Array.from({ length: 20 }, (_, i) => `${fresh} ${i}`)
      const outcomes = await Promise.all(
        passwords.map((password) => resetPassword(fixture.ctx, token, password, info)),
      )
      assert.equal(outcomes.filter((outcome) => 'user' in outcome).length, 1)
      assert.equal(
        await opens(fixture, passwords[outcomes.findIndex((outcome) => 'user' in outcome)] ?? ''),
        true,
      )
    })

    test('a new password ends sessions, codes and refresh tokens, and every other link (ASVS 7.4.3)', async (t) => {
      const fixture = await open(t, kind)
      const [first, second] = [await ask(fixture), await ask(fixture)]
      await beginSession(fixture)
      assert.ok('user' in (await resetPassword(fixture.ctx, second, fresh, info)))
      assert.deepEqual(await valid(fixture), [])
      assert.deepEqual(await resetPassword(fixture.ctx, first, 'third vehicle', info), { refused: 'link' })
      assert.equal(await openVerification(fixture.ctx, await fixture.token('email-verification')), undefined)
    })

    test('it ends the pause after wrong guesses, wherever they came from', async (t) => {
      const fixture = await open(t, kind)
      for (let i = 0; i < 10; i++) await opens(fixture, 'x'.repeat(1_025))
      assert.equal(await opens(fixture, old), false)
      await resetPassword(fixture.ctx, await ask(fixture), fresh, info)
      assert.equal(await opens(fixture, fresh), true)
    })

    test('a link of an hour ago does nothing, with no housekeeping in between (CVE-2025-64708)', async (t) => {
      const fixture = await open(t, kind)
      const token = await ask(fixture)
      fixture.pass(3_600)
      assert.deepEqual(await resetPassword(fixture.ctx, token, fresh, info), { refused: 'link' })
      assert.equal(await opens(fixture, old), true)
      assert.equal(await deleteExpiredTickets(fixture.ctx.store.db, fixture.ctx.clock()), 1)
    })

    test('a weak new password leaves the link and the old password in force', async (t) => {
      const fixture = await open(t, kind)
      const token = await ask(fixture)
      await beginSession(fixture)
      const outcome = await resetPassword(fixture.ctx, token, 'password123', info)
      assert.ok('problem' in outcome && outcome.problem.name === 'PasswordDictionaryError')
      assert.equal((await fixture.ctx.store.db.selectFrom('artifacts').selectAll().execute()).length, 4)
      assert.ok('user' in (await resetPassword(fixture.ctx, token, fresh, info)))
    })

    test('links are for one purpose and one address', async (t) => {
      const fixture = await open(t, kind)
      const { ctx, user } = fixture
      const reset = await ask(fixture)
      const verification = await fixture.token('email-verification')
      assert.deepEqual(await resetPassword(ctx, verification, fresh, info), { refused: 'link' })
      assert.deepEqual(await verifyEmail(ctx, reset, old, info), { refused: 'link' })
      const moved = { email: 'moved@example.com', email_key: 'moved@example.com' }
      await ctx.store.db.updateTable('users').set(moved).where('user_id', '=', user.userId).execute()
      assert.deepEqual(await resetPassword(ctx, reset, fresh, info), { refused: 'link' })
    })

    test('a made-up token opens nothing', async (t) => {
      const fixture = await open(t, kind)
      const token = await ask(fixture)
      for (const wrong of [
        '',
        '\0',
        'x',
        token.slice(1),
        `${token}a`,
        token.toLowerCase(),
        sha256(token),
        'x'.repeat(100_000),
      ])
        assert.deepEqual(await resetPassword(fixture.ctx, wrong, fresh, info), { refused: 'link' })
    })

    test('the store keeps no token, only hashes; 256 bits each', async (t) => {
      const fixture = await open(t, kind)
      const token = await ask(fixture)
      assert.equal(Buffer.from(token, 'base64url').length, 32)
      const rows = await fixture.ctx.store.db.selectFrom('tickets').selectAll().execute()
      assert.ok(!JSON.stringify(rows).includes(token))
      assert.ok(!(await fixture.logText()).includes(token))
    })

    test('nothing is mailed to an unknown or a blocked account, and the log says so', async (t) => {
      const fixture = await open(t, kind)
      const { ctx, connection } = fixture
      await ctx.store.db.updateTable('users').set({ blocked: true }).execute()
      const before = (await fixture.mails()).length
      for (const address of [email, 'nobody@example.com', 'a\0b', '\ud800', 'x'.repeat(100_000)])
        await mailPasswordReset(ctx, connection, address, info)
      assert.equal((await fixture.mails()).length, before)
      assert.deepEqual((await fixture.logTypes()).slice(-5), Array<string>(5).fill('fcpr'))
    })
  })

for (const kind of stores)
  describe(`email verification on ${kind.name}`, () => {
    test('the mailed link and the password together verify the address, once', async (t) => {
      const fixture = await open(t, kind)
      const { ctx, user } = fixture
      const token = await fixture.token('email-verification')
      assert.equal((await openVerification(ctx, token))?.asksPassword, true)
      assert.equal(
        (await findUser(ctx.store.db, user.userId))?.emailVerified,
        false,
        'opening it changes nothing',
      )
      assert.deepEqual(await verifyEmail(ctx, token, 'wrong guess', info), { refused: 'wrong' })
      assert.ok('user' in (await verifyEmail(ctx, token, old, info)))
      assert.equal((await findUser(ctx.store.db, user.userId))?.emailVerified, true)
      assert.deepEqual(await verifyEmail(ctx, token, old, info), { refused: 'link' })
    })

    test('guesses at the password are counted there too', async (t) => {
      const fixture = await open(t, kind)
      const token = await fixture.token('email-verification')
      for (let i = 0; i < 10; i++) await verifyEmail(fixture.ctx, token, 'x'.repeat(1_025), info)
      const outcome = await verifyEmail(fixture.ctx, token, old, info)
      assert.ok('refused' in outcome && outcome.refused === 'too_many_attempts')
    })

    test('an account that a stranger opened never becomes a verified one: its owner takes it over (GHSA-qq9h-g4jm-xgf3)', async (t) => {
      const fixture = await open(t, kind)
      const { ctx, user } = fixture
      await beginSession(fixture)
      assert.deepEqual(await verifyEmail(ctx, await fixture.token('email-verification'), '', info), {
        refused: 'wrong',
      })
      assert.ok('user' in (await resetPassword(ctx, await ask(fixture), fresh, info)))
      assert.equal((await findUser(ctx.store.db, user.userId))?.emailVerified, true)
      assert.deepEqual([await opens(fixture, old), await opens(fixture, fresh)], [false, true])
      assert.deepEqual(await valid(fixture), [])
    })

    test('an account without a password asks for none', async (t) => {
      const fixture = await open(t, kind)
      const { ctx, user } = fixture
      await ctx.store.db.deleteFrom('passwords').execute()
      const token = await fixture.token('email-verification')
      assert.equal((await openVerification(ctx, token))?.asksPassword, false)
      assert.ok('user' in (await verifyEmail(ctx, token, '', info)))
      assert.equal((await findUser(ctx.store.db, user.userId))?.emailVerified, true)
    })

    test('the link lives five days', async (t) => {
      const fixture = await open(t, kind)
      const token = await fixture.token('email-verification')
      fixture.pass(432_000 - 2)
      assert.ok(await openTicket(fixture.ctx, token, 'verify_email'))
      fixture.pass(2)
      assert.equal(await openTicket(fixture.ctx, token, 'verify_email'), undefined)
    })
  })
