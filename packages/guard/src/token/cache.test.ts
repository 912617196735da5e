import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGuard, InvalidTokenError } from '../index.ts'
import { createTestIssuer } from '../testing/index.ts'
import { type CachedToken, TokenCache } from './cache.ts'

test('a cached token is refused from the moment it expires', async () => {
  const clock = { now: Date.now() }
  const now = () => clock.now
  const source = await createTestIssuer({ now })
  const guard = createGuard({
    issuer: source.issuer,
    audience: source.audience,
    keys: source.keys,
    now,
    clockToleranceSeconds: 0,
  })
  const token = await source.token({ lifetimeSeconds: 60 })
  await guard.verify(token)
  await guard.verify(token)
  assert.equal(guard.cached.entries, 1)
  clock.now += 59_000
  await guard.verify(token)
  clock.now += 1_001
  await assert.rejects(guard.verify(token), InvalidTokenError)
  assert.equal(guard.cached.entries, 0)
})

test('a limit that is no number is refused, not taken for none', () => {
  const source = { issuer: 'https://issuer.test/', audience: 'a' }
  for (const wrong of [Number.NaN, -1])
    for (const name of ['maxEntries', 'maxBytes'])
      assert.throws(() => createGuard({ ...source, cache: { [name]: wrong } }), new RegExp(`cache\\.${name}`))
  assert.deepEqual(createGuard({ ...source, cache: { maxEntries: 0 } }).cached, { entries: 0, bytes: 0 })
})

test('refused tokens are not kept', async () => {
  const source = await createTestIssuer()
  const guard = createGuard({ issuer: source.issuer, audience: source.audience, keys: source.keys })
  for (const fault of ['expired', 'wrong-audience', 'wrong-signature', 'not-a-token'] as const)
    await assert.rejects(guard.verify(await source.token({ fault })), InvalidTokenError)
  assert.deepEqual(guard.cached, { entries: 0, bytes: 0 })
})

test('a token is kept from its second use on', async () => {
  const source = await createTestIssuer()
  const guard = createGuard({ issuer: source.issuer, audience: source.audience, keys: source.keys })
  const token = await source.token()
  const first = await guard.verify(token)
  assert.equal(guard.cached.entries, 0)
  const second = await guard.verify(token)
  assert.equal(guard.cached.entries, 1)
  assert.deepEqual(second, first)
  assert.equal(await guard.verify(token), second)
})

/** An entry that can be told from others. */
function entry(sub: string): CachedToken {
  const claims = { iss: 'i', sub, aud: 'a', exp: 1 }
  const subject = { sub, issuer: 'i', permissions: [], scope: [], claims }
  return { subject, origin: { retired: false }, ring: undefined }
}

const tokenOf = (name: string | number) => createHash('sha256').update(`${name}`).digest('base64url')

/** Has a token come as often as it takes: of those that share a slot at the door, chance says who is remembered. */
function keep(cache: TokenCache, token: string, sub: string, expiresAtSeconds: number, now: number): void {
  for (let use = 0; use < 64; use += 1) cache.set(token, entry(sub), expiresAtSeconds, now)
}

const found = (cache: TokenCache, token: string, now: number) => cache.get(token, now)?.subject.sub

test('the cache holds no more entries and no more bytes than it may', () => {
  const byCount = new TokenCache({ maxEntries: 100, maxBytes: 1e9 })
  const byBytes = new TokenCache({ maxEntries: 1e9, maxBytes: 100_000 })
  for (let index = 0; index < 1_000; index += 1) {
    const token = tokenOf(index).padStart(800, 'x')
    keep(byCount, token, String(index), 2, 1)
    keep(byBytes, token, String(index), 2, 1)
    assert.ok(byCount.size <= 100)
    assert.ok(byBytes.bytes <= 100_000)
    assert.equal(found(byBytes, token, 1), String(index))
  }
  assert.equal(byCount.size, 100)
  keep(byBytes, 'y'.repeat(100_000), 'y', 2, 1)
  assert.equal(found(byBytes, 'y'.repeat(100_000), 1), undefined)
})

test('what is in use stays, what is not goes', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  keep(cache, 'busy', 'kept', 2, 1)
  for (let index = 0; index < 1_000; index += 1) {
    assert.equal(found(cache, 'busy', 1), 'kept')
    keep(cache, tokenOf(index), 'x', 2, 1)
  }
})

test('callers who come but once push nobody out', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  const residents = Array.from({ length: 10 }, (_, index) => tokenOf(`resident ${index}`))
  for (const token of residents) keep(cache, token, token, 2, 1)
  for (let index = 0; index < 1_000; index += 1) {
    cache.set(tokenOf(index), entry('x'), 2, 1)
    assert.equal(found(cache, tokenOf(index), 1), undefined)
  }
  for (const token of residents) assert.equal(found(cache, token, 1), token)
})

test('as many tokens as the cache holds are all kept when they come by turns', () => {
  const cache = new TokenCache({ maxEntries: 1_000, maxBytes: 1e9 })
  const tokens = Array.from({ length: 1_000 }, (_, index) => tokenOf(index))
  for (let turn = 0; turn < 100; turn += 1)
    for (const token of tokens) if (found(cache, token, 1) === undefined) cache.set(token, entry(token), 2, 1)
  assert.equal(cache.size, 1_000)
})

test('tokens that end alike are told apart, to the first character', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  const signature = 's'.repeat(342)
  keep(cache, `a.claims.${signature}`, 'a', 2, 1)
  assert.equal(found(cache, `b.claims.${signature}`, 1), undefined)
  keep(cache, `b.claims.${signature}`, 'b', 2, 1)
  assert.equal(found(cache, `a.claims.${signature}`, 1), undefined)
  assert.equal(found(cache, `b.claims.${signature}`, 1), 'b')
  assert.equal(found(cache, signature, 1), undefined)
  assert.equal(cache.size, 1)
})

test('expired entries make room before living ones', () => {
  const cache = new TokenCache({ maxEntries: 3, maxBytes: 1e9 })
  keep(cache, 'short', 'x', 10, 1)
  keep(cache, 'long', 'kept', 100, 1)
  keep(cache, 'longer', 'kept', 100, 1)
  found(cache, 'short', 5)
  found(cache, 'long', 5)
  found(cache, 'longer', 5)
  keep(cache, 'new', 'x', 100, 20_000)
  assert.equal(found(cache, 'long', 20_000), 'kept')
  assert.equal(found(cache, 'longer', 20_000), 'kept')
})

test('what was dropped is let go of, though the cache is never full', async () => {
  v8.setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const cache = new TokenCache({ maxEntries: 1_000, maxBytes: 1e9 })
  const callers = Array.from({ length: 100 }, (_, index) => tokenOf(index))
  const dropped: WeakRef<CachedToken['subject']>[] = []
  for (let second = 0; second < 50; second += 1) {
    for (const caller of callers) keep(cache, `${second}${caller}`, caller, second + 1, second * 1000)
    for (const caller of callers) {
      const kept = cache.get(`${second}${caller}`, second * 1000)
      assert.ok(kept)
      dropped.push(new WeakRef(kept.subject))
    }
    for (const caller of callers)
      assert.equal(found(cache, `${second}${caller}`, (second + 1) * 1000), undefined)
  }
  assert.equal(cache.size, 0)
  // A WeakRef holds on until the turn in which it was made is over.
  await setImmediate()
  collect()
  const left = dropped.filter((reference) => reference.deref() !== undefined)
  assert.ok(left.length < 200, `${left.length} of ${dropped.length}`)
})
