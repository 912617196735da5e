import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { describe, test } from 'node:test'
import { hashPassword } from '../crypto/argon2.ts'
import { countHashes } from '../crypto/testing.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { findPasswordHash } from '../users/store.ts'
import { createUser } from '../users/users.ts'
import { clearFailures, deleteExpiredAttempts, pausedNetworks } from './attempts.ts'
import { type SignInAttempt, type SignInOutcome, signIn } from './sign-in.ts'
import { type Fixture, openFixture } from './testing.ts'

const right = 'orange tractor'
const email = 'rosalind@example.com'

/** Counted like any other, and refused for its length before it costs a hash. */
const cheap = { password: 'x'.repeat(1_025) }

async function open(t: Parameters<typeof openFixture>[0], kind: (typeof stores)[number], options = {}) {
  const fixture = await openFixture(t, kind, options)
  const passwordHash = await hashPassword(right)
  const user = await transaction(fixture.ctx, (tx) =>
    createUser(tx, { connection: fixture.connection.name, email, passwordHash }),
  )
  return { ...fixture, user }
}

function attempt({ ctx, connection }: Fixture, given: Partial<SignInAttempt> = {}) {
  return signIn(ctx, { connection, identifier: email, password: right, ip: '203.0.113.7', ...given })
}

function guess(fixture: Fixture, given: Partial<SignInAttempt> = {}) {
  return attempt(fixture, { password: 'wrong guess', ...given })
}

for (const kind of stores)
  describe(`sign-in on ${kind.name}`, () => {
    test('the right password signs in, however the address is written', async (t) => {
      const fixture = await open(t, kind)
      for (const identifier of [email, 'Rosalind@Example.COM', `  ${email} `])
        assert.deepEqual(nameOf(await attempt(fixture, { identifier })), 'user')
    })

    test('a wrong password, an unknown account, a blocked one and one without password are refused alike', async (t) => {
      const fixture = await open(t, kind)
      const connection = fixture.connection.name
      await transaction(fixture.ctx, async (tx) =>
        createUser(tx, {
          connection,
          email: 'blocked@example.com',
          blocked: true,
          passwordHash: await hashPassword(right),
        }),
      )
      await transaction(fixture.ctx, (tx) => createUser(tx, { connection, email: 'invited@example.com' }))
      for (const identifier of [email, 'nobody@example.com', 'blocked@example.com'])
        assert.deepEqual(await guess(fixture, { identifier }), { refused: 'wrong' })
      for (const password of ['', right, 'undefined'])
        assert.deepEqual(await attempt(fixture, { identifier: 'invited@example.com', password }), {
          refused: 'wrong',
        })
      assert.deepEqual(await attempt(fixture, { identifier: 'blocked@example.com' }), { refused: 'blocked' })
      assert.deepEqual(await fixture.logTypes(), ['fp', 'fu', 'fp', 'fp', 'fp', 'fp', 'f'])
    })

    test('the same address in another connection is another account', async (t) => {
      const fixture = await open(t, kind)
      const connection = { ...fixture.connection, name: 'others' }
      assert.deepEqual(await attempt(fixture, { connection }), { refused: 'wrong' })
    })

    test('of 50 parallel guesses 10 are evaluated (CVE-2024-4629, CVE-2023-47111)', async (t) => {
      const fixture = await open(t, kind)
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => guess(fixture)))
      assert.equal(outcomes.filter((outcome) => nameOf(outcome) === 'wrong').length, 10)
      assert.equal(outcomes.filter((outcome) => nameOf(outcome) === 'too_many_attempts').length, 40)
      assert.equal(nameOf(await attempt(fixture)), 'too_many_attempts')
      assert.deepEqual(
        (await fixture.logTypes()).filter((type) => type === 'limit_wc'),
        ['limit_wc'],
      )
    })

    test('guessing on an account that is not there is slowed the same way', async (t) => {
      const fixture = await open(t, kind)
      const answers = async (identifier: string) => {
        const outcomes: SignInOutcome[] = []
        for (let i = 0; i < 12; i++) outcomes.push(await guess(fixture, { identifier }))
        return outcomes
      }
      assert.deepEqual(await answers('nobody@example.com'), await answers(email))
    })

    test('an account is not locked: the correct password works from another address (ASVS 6.3.1)', async (t) => {
      const fixture = await open(t, kind)
      for (let i = 0; i < 100; i++) await guess(fixture, cheap)
      assert.equal(nameOf(await attempt(fixture)), 'too_many_attempts')
      assert.equal(nameOf(await attempt(fixture, { ip: '198.51.100.1' })), 'user')
    })

    test('the pause doubles with each further guess, and an hour is the longest', async (t) => {
      const fixture = await open(t, kind)
      for (let i = 0; i < 10; i++) await guess(fixture)
      const waits: number[] = []
      for (let i = 0; i < 8; i++) {
        const refusal = await guess(fixture)
        assert.ok('retryAfterSeconds' in refusal)
        waits.push(refusal.retryAfterSeconds)
        fixture.pass(refusal.retryAfterSeconds)
        assert.equal(nameOf(await guess(fixture)), 'wrong')
      }
      assert.deepEqual(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600])
    })

    test('after a pause the correct password signs in, and the count restarts', async (t) => {
      const fixture = await open(t, kind)
      for (let i = 0; i < 10; i++) await guess(fixture)
      fixture.pass(60)
      assert.equal(nameOf(await attempt(fixture)), 'user')
      for (let i = 0; i < 10; i++) assert.equal(nameOf(await guess(fixture)), 'wrong')
    })

    test('a day without a guess is forgotten, and its rows can be cleared away', async (t) => {
      const fixture = await open(t, kind)
      for (let i = 0; i < 9; i++) await guess(fixture)
      fixture.pass(86_401)
      for (let i = 0; i < 9; i++) assert.equal(nameOf(await guess(fixture)), 'wrong')
      fixture.pass(86_401)
      assert.equal(await deleteExpiredAttempts(fixture.ctx.store.db, fixture.ctx.clock()), 2)
    })

    test('one network guessing at many accounts is slowed after 100, whichever of its addresses it uses', async (t) => {
      const fixture = await open(t, kind)
      const spellings = [
        '2001:db8:1:2::1',
        '2001:DB8:1:2:0:0:0:2',
        '2001:0db8:0001:0002:ffff::3',
        '2001:db8:1:2::4%eth0',
      ]
      const outcomes: string[] = []
      for (let i = 0; i < 101; i++)
        outcomes.push(
          nameOf(
            await guess(fixture, {
              identifier: `user${i}@example.com`,
              ip: spellings[i % 4] ?? '',
              ...cheap,
            }),
          ),
        )
      assert.deepEqual(outcomes.slice(98), ['wrong', 'wrong', 'too_many_attempts'])
      assert.equal(nameOf(await attempt(fixture, { ip: '2001:db8:1:2:abcd::9' })), 'too_many_attempts')
      assert.equal(nameOf(await attempt(fixture, { ip: '2001:db8:1:3::1' })), 'user')
      assert.deepEqual(
        (await fixture.logTypes()).filter((type) => type === 'limit_mu'),
        ['limit_mu'],
      )
    })

    test("signing in to one's own account in between does not reset the network's count", async (t) => {
      const fixture = await open(t, kind)
      for (let i = 0; i < 100; i++) {
        await guess(fixture, { identifier: `user${i}@example.com`, ...cheap })
        if (i % 10 === 0) assert.equal(nameOf(await attempt(fixture)), 'user')
      }
      assert.equal(nameOf(await guess(fixture, { identifier: 'last@example.com' })), 'too_many_attempts')
    })

    test('a malformed address of the caller is counted, not let through (CVE-2024-47070)', async (t) => {
      const fixture = await open(t, kind)
      for (let i = 0; i < 10; i++) await guess(fixture, { ip: ['a', '', 'x'.repeat(10_000)][i % 3] ?? '' })
      assert.equal(nameOf(await attempt(fixture, { ip: 'b' })), 'too_many_attempts')
    })

    test('brute force protection switched off leaves the limit per network', async (t) => {
      const fixture = await open(t, kind, { brute_force_protection: false })
      for (let i = 0; i < 100; i++) assert.equal(nameOf(await guess(fixture, cheap)), 'wrong')
      assert.equal(nameOf(await attempt(fixture)), 'too_many_attempts')
    })

    test('an administrator sees who has to wait, and ends it', async (t) => {
      const fixture = await open(t, kind)
      const { db } = fixture.ctx.store
      for (let i = 0; i < 10; i++) await guess(fixture, { ip: '2001:db8::1' })
      const paused = () => pausedNetworks(db, fixture.connection.name, email, fixture.ctx.clock())
      assert.deepEqual(await paused(), ['2001:db8:0:0::/64'])
      await clearFailures(db, fixture.connection.name, email)
      assert.deepEqual(await paused(), [])
      assert.equal(nameOf(await guess(fixture, { ip: '2001:db8::1' })), 'wrong')
    })

    test('hostile identifiers and passwords are wrong, and nothing worse', async (t) => {
      const fixture = await open(t, kind)
      const hostile = [
        '',
        ' ',
        'a\0b',
        '\ud800',
        "' or 1=1 --",
        'a@'.repeat(25_000),
        'x'.repeat(1_000_000),
        '__proto__',
        `${email}\r\n{"level":"info"}`,
      ]
      for (const [i, identifier] of hostile.entries())
        assert.deepEqual(
          await guess(fixture, { identifier, ip: `203.0.113.${i}` }),
          { refused: 'wrong' },
          identifier.slice(0, 40),
        )
      const hashes = await countHashes(async () =>
        assert.deepEqual(await guess(fixture, { password: 'x'.repeat(1_000_000) }), { refused: 'wrong' }),
      )
      assert.equal(hashes, 0)
      for (const line of (await fixture.logText()).split('\n'))
        assert.equal(typeof JSON.parse(line).type, 'string')
    })

    test('no password reaches the log', async (t) => {
      const fixture = await open(t, kind)
      await guess(fixture, { password: 'a guess to grep for' })
      await guess(fixture, { password: 'a guess to grep for', identifier: 'nobody@example.com' })
      assert.ok(!(await fixture.logText()).includes('a guess to grep for'))
    })

    test('a hash of older parameters is renewed by signing in, and only by signing in', async (t) => {
      const fixture = await open(t, kind)
      const { db } = fixture.ctx.store
      const salt = Buffer.from('0123456789abcdef')
      const tag = argon2Sync('argon2id', {
        message: right,
        nonce: salt,
        memory: 8192,
        passes: 1,
        parallelism: 1,
        tagLength: 32,
      })
      const old = `$argon2id$v=19$m=8192,t=1,p=1$${unpadded(salt)}$${unpadded(tag)}`
      await db.updateTable('passwords').set({ hash: old }).execute()
      await guess(fixture)
      assert.equal(await findPasswordHash(db, fixture.user.userId), old)
      assert.equal(nameOf(await attempt(fixture)), 'user')
      assert.match(
        (await findPasswordHash(db, fixture.user.userId)) ?? '',
        /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
      )
      assert.equal(nameOf(await attempt(fixture)), 'user')
    })

    test('more sign-ins at once than can be hashed are told to come back, and count as nothing', async (t) => {
      const fixture = await open(t, kind)
      const ips = Array.from({ length: 100 }, (_, i) => `10.0.0.${i}`)
      const outcomes = await Promise.all(
        ips.map((ip) => guess(fixture, { ip, identifier: `crowd${ip}@example.com` })),
      )
      const busy = outcomes.filter((outcome) => nameOf(outcome) === 'busy')
      assert.ok(busy.length > 0 && busy.length < 100, `${busy.length} of 100 were busy`)
      assert.ok(busy.every((outcome) => 'retryAfterSeconds' in outcome && outcome.retryAfterSeconds > 0))
      const { count } = await fixture.ctx.store.db
        .selectFrom('sign_in_attempts')
        .select(({ fn }) => fn.countAll<number | bigint>().as('count'))
        .executeTakeFirstOrThrow()
      assert.equal(Number(count), 2 * (100 - busy.length))
      assert.equal(nameOf(await attempt(fixture)), 'user')
    })

    test('an account that is unknown, blocked or without password costs the hash that a known one costs (ASVS 6.3.8)', async (t) => {
      const fixture = await open(t, kind)
      const connection = fixture.connection.name
      const passwordHash = await hashPassword(right)
      await transaction(fixture.ctx, async (tx) => {
        await createUser(tx, { connection, email: 'blocked@example.com', blocked: true, passwordHash })
        await createUser(tx, { connection, email: 'invited@example.com' })
      })
      for (const identifier of [email, 'nobody@example.com', 'blocked@example.com', 'invited@example.com'])
        assert.equal(await countHashes(() => guess(fixture, { identifier })), 1, identifier)
    })
  })

function nameOf(outcome: SignInOutcome): string {
  return 'refused' in outcome ? outcome.refused : 'user'
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
