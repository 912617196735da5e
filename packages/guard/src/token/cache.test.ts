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

test('a limit that is not a number is refused, not ignored', () => {
  const source = { issuer: 'https://issuer.test/', audience: 'a' }
  for (const wrong of [Number.NaN, -1])
    for (const name of ['maxEntries', 'maxBytes'])
      assert.throws(() => createGuard({ ...source, cache: { [name]: wrong } }), new RegExp(`cache\\.${name}`))
  assert.deepEqual(createGuard({ ...source, cache: { maxEntries: 0 } }).cached, { entries: 0, bytes: 0 })
})

test('refused tokens are not cached', async () => {
  const source = await createTestIssuer()
  const guard = createGuard({ issuer: source.issuer, audience: source.audience, keys: source.keys })
  for (const fault of ['expired', 'wrong-audience', 'wrong-signature', 'not-a-token'] as const)
    await assert.rejects(guard.verify(await source.token({ fault })), InvalidTokenError)
  assert.deepEqual(guard.cached, { entries: 0, bytes: 0 })
})

test('a token is cached from its second use on', async () => {
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

/** A verified token with this subject. */
function entry(sub: string): CachedToken {
  const claims = { iss: 'i', sub, aud: 'a', exp: 1 }
  const subject = { sub, issuer: 'i', permissions: [], scope: [], claims }
  return { subject, origin: { retired: false }, ring: undefined, live: undefined, boundKey: undefined }
}

const tokenOf = (name: string | number) => createHash('sha256').update(`${name}`).digest('base64url')

/** Uses a token until it is cached: which of two hashes in one slot the doorkeeper remembers is random. */
function store(cache: TokenCache, token: string, sub: string, expiresAtSeconds: number, now: number): void {
  for (let use = 0; use < 64; use += 1) cache.set(token, entry(sub), expiresAtSeconds, now)
}

const found = (cache: TokenCache, token: string, now: number) => cache.get(token, now)?.subject.sub

test('the cache stays within its limits of entries and bytes', () => {
  const byCount = new TokenCache({ maxEntries: 100, maxBytes: 1e9 })
  const byBytes = new TokenCache({ maxEntries: 1e9, maxBytes: 100_000 })
  for (let index = 0; index < 1_000; index += 1) {
    const token = tokenOf(index).padStart(800, 'x')
    store(byCount, token, String(index), 2, 1)
    store(byBytes, token, String(index), 2, 1)
    assert.ok(byCount.size <= 100)
    assert.ok(byBytes.bytes <= 100_000)
    assert.equal(found(byBytes, token, 1), String(index))
  }
  assert.equal(byCount.size, 100)
  store(byBytes, 'y'.repeat(100_000), 'y', 2, 1)
  assert.equal(found(byBytes, 'y'.repeat(100_000), 1), undefined)
})

test('entries in use stay, others are evicted', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  store(cache, 'busy', 'kept', 2, 1)
  for (let index = 0; index < 1_000; index += 1) {
    assert.equal(found(cache, 'busy', 1), 'kept')
    store(cache, tokenOf(index), 'x', 2, 1)
  }
})

test('tokens that are used once evict nothing', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  const residents = Array.from({ length: 10 }, (_, index) => tokenOf(`resident ${index}`))
  for (const token of residents) store(cache, token, token, 2, 1)
  for (let index = 0; index < 1_000; index += 1) {
    cache.set(tokenOf(index), entry('x'), 2, 1)
    assert.equal(found(cache, tokenOf(index), 1), undefined)
  }
  for (const token of residents) assert.equal(found(cache, token, 1), token)
})

test('as many tokens as the limit are all cached when they are used in rotation', () => {
  const cache = new TokenCache({ maxEntries: 1_000, maxBytes: 1e9 })
  const tokens = Array.from({ length: 1_000 }, (_, index) => tokenOf(index))
  for (let turn = 0; turn < 100; turn += 1)
    for (const token of tokens) if (found(cache, token, 1) === undefined) cache.set(token, entry(token), 2, 1)
  assert.equal(cache.size, 1_000)
})

test('tokens with the same end are distinguished, to the first character', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  const signature = 's'.repeat(342)
  store(cache, `a.claims.${signature}`, 'a', 2, 1)
  assert.equal(found(cache, `b.claims.${signature}`, 1), undefined)
  store(cache, `b.claims.${signature}`, 'b', 2, 1)
  assert.equal(found(cache, `a.claims.${signature}`, 1), undefined)
  assert.equal(found(cache, `b.claims.${signature}`, 1), 'b')
  assert.equal(found(cache, signature, 1), undefined)
  assert.equal(cache.size, 1)
})

test('expired entries are evicted before valid ones', () => {
  const cache = new TokenCache({ maxEntries: 3, maxBytes: 1e9 })
  store(cache, 'short', 'x', 10, 1)
  store(cache, 'long', 'kept', 100, 1)
  store(cache, 'longer', 'kept', 100, 1)
  found(cache, 'short', 5)
  found(cache, 'long', 5)
  found(cache, 'longer', 5)
  store(cache, 'new', 'x', 100, 20_000)
  assert.equal(found(cache, 'long', 20_000), 'kept')
  assert.equal(found(cache, 'longer', 20_000), 'kept')
})

test('dropped entries are released, although the cache is never full', async () => {
  v8.setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const cache = new TokenCache({ maxEntries: 1_000, maxBytes: 1e9 })
  const callers = Array.from({ length: 100 }, (_, index) => tokenOf(index))
  const dropped: WeakRef<CachedToken['subject']>[] = []
  for (let second = 0; second < 50; second += 1) {
    for (const caller of callers) store(cache, `${second}${caller}`, caller, second + 1, second * 1000)
    for (const caller of callers) {
      const kept = cache.get(`${second}${caller}`, second * 1000)
      assert.ok(kept)
      dropped.push(new WeakRef(kept.subject))
    }
    for (const caller of callers)
      assert.equal(found(cache, `${second}${caller}`, (second + 1) * 1000), undefined)
  }
  assert.equal(cache.size, 0)
  // A WeakRef keeps its target alive until the end of the job that created it.
  await setImmediate()
  collect()
  const left = dropped.filter((reference) => reference.deref() !== undefined)
  assert.ok(left.length < 200, `${left.length} of ${dropped.length}`)
})
