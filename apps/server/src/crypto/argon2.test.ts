import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { test } from 'node:test'
import { hashOfNothing, hashPassword, verifyHash } from './argon2.ts'
import { BusyError, createWorkQueue } from './hashing-queue.ts'
import { countHashes } from './testing.ts'

test('a password is stored as argon2id at the OWASP minimum, salted (ASVS 11.4.2)', async () => {
  const [first, second] = await Promise.all([hashPassword('orange tractor'), hashPassword('orange tractor')])
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  assert.notEqual(first, second)
  assert.deepEqual(await verifyHash('orange tractor', first), { ok: true, outdated: false })
})

test('passwords are compared exactly as received: no cut, no folding (ASVS 6.2.8)', async () => {
  const pairs = [
    [`${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
    ['Orange tractor', 'orange tractor'],
    ['orange\0tractor', 'orange\0'],
    ['stra\u00dfe 1234', 'strasse 1234'],
    ['orange tractor ', 'orange tractor'],
    ['\uff4frange tractor', 'orange tractor'],
  ] as const
  for (const [password, other] of pairs) {
    const hash = await hashPassword(password)
    assert.equal((await verifyHash(password, hash)).ok, true, JSON.stringify(password))
    assert.equal((await verifyHash(other, hash)).ok, false, JSON.stringify(other))
  }
})

test('a megabyte of password is refused before it is hashed', async () => {
  const hashes = await countHashes(async () => {
    await assert.rejects(hashPassword('x'.repeat(1_000_000)), RangeError)
    assert.deepEqual(await verifyHash('x'.repeat(1_000_000), hashOfNothing), { ok: false, outdated: false })
  })
  assert.equal(hashes, 0)
})

test('the limit counts bytes: 1,024 are hashed, 1,025 are not', async () => {
  const longest = 'é'.repeat(512)
  assert.equal((await verifyHash(longest, await hashPassword(longest))).ok, true)
  await assert.rejects(hashPassword(`${longest}e`), RangeError)
})

test('a hash of cheaper parameters verifies and asks to be renewed', async () => {
  const salt = Buffer.from('0123456789abcdef')
  const tag = argon2Sync('argon2id', {
    message: 'orange tractor',
    nonce: salt,
    memory: 4096,
    passes: 3,
    parallelism: 1,
    tagLength: 32,
  })
  const hash = `$argon2id$v=19$m=4096,t=3,p=1$${salt.toString('base64url')}$${tag.toString('base64').replace('=', '')}`
  assert.deepEqual(await verifyHash('orange tractor', hash), { ok: true, outdated: true })
  assert.deepEqual(await verifyHash('orange lorry', hash), { ok: false, outdated: true })
})

test('a malformed, foreign or exorbitant hash matches nothing and throws nothing', async () => {
  const hostile = [
    '',
    'plain',
    '$2b$10$abcdefghijklmnopqrstuuu',
    '$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$c29tZWhhc2hzb21laGFzaA',
    '$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHRzb21l$c29tZWhhc2hzb21laGFzaA',
    '$argon2id$v=19$m=1,t=2,p=1$c29tZXNhbHRzb21l$c29tZWhhc2hzb21laGFzaA',
    '$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHRzb21l$c29tZWhhc2hzb21laGFzaA',
  ]
  for (const hash of hostile) {
    assert.equal((await verifyHash('', hash)).ok, false, hash)
  }
})

test('the hash that is used for unknown accounts costs what others cost, and no password matches it', async () => {
  const costOf = (hash: string) => hash.split('$').slice(0, 4)
  assert.deepEqual(costOf(hashOfNothing), costOf(await hashPassword('orange tractor')))
  assert.equal((await verifyHash('', hashOfNothing)).ok, false)
})

test('passwords are hashed on the thread pool, which leaves the event loop free', async () => {
  const hash = await hashPassword('orange tractor')
  assert.equal(await countHashes(() => hashPassword('orange tractor')), 1)
  assert.equal(await countHashes(() => verifyHash('orange tractor', hash)), 1)
})

test('the queue runs a number of tasks at once, lets a number wait, refuses the others immediately and recovers', async () => {
  const run = createWorkQueue({ concurrency: 2, places: 3 })
  let running = 0
  let most = 0
  const gate = Promise.withResolvers<void>()
  const task = async () => {
    most = Math.max(most, ++running)
    await gate.promise
    running--
  }
  const calls = Array.from({ length: 8 }, () => run(task))
  const settled = Promise.allSettled(calls)
  await assert.rejects(calls.at(-1) ?? Promise.resolve(), BusyError)
  gate.resolve()
  const outcomes = (await settled).map(({ status }) => status)
  assert.deepEqual(outcomes, [...Array(5).fill('fulfilled'), ...Array(3).fill('rejected')])
  assert.equal(most, 2)
  assert.equal(await run(async () => 'again'), 'again')
})

test('a task that fails frees its slot', async () => {
  const run = createWorkQueue({ concurrency: 1, places: 1 })
  await assert.rejects(
    run(() => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await run(async () => 1), 1)
})
