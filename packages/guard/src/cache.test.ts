import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenCache } from './cache.ts'
import { createGuard, InvalidTokenError } from './index.ts'
import { createTestIssuer } from './testing.ts'

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
  clock.now += 59_000
  await guard.verify(token)
  clock.now += 1_001
  await assert.rejects(guard.verify(token), InvalidTokenError)
  assert.equal(guard.cached.entries, 0)
})

test('refused tokens are not kept', async () => {
  const source = await createTestIssuer()
  const guard = createGuard({ issuer: source.issuer, audience: source.audience, keys: source.keys })
  for (const fault of ['expired', 'wrong-audience', 'wrong-signature', 'not-a-token'] as const)
    await assert.rejects(guard.verify(await source.token({ fault })), InvalidTokenError)
  assert.deepEqual(guard.cached, { entries: 0, bytes: 0 })
})

test('the cache holds no more entries and no more bytes than it may', () => {
  const byCount = new TokenCache<number>({ maxEntries: 100, maxBytes: 1e9 })
  const byBytes = new TokenCache<number>({ maxEntries: 1e9, maxBytes: 100_000 })
  for (let index = 0; index < 10_000; index += 1) {
    const token = `${index}`.padEnd(800, 'x')
    byCount.set(token, index, 2, 1)
    byBytes.set(token, index, 2, 1)
    assert.ok(byCount.size <= 100)
    assert.ok(byBytes.bytes <= 100_000)
    assert.equal(byBytes.get(token, 1), index)
  }
  assert.equal(byCount.size, 100)
  byBytes.set('y'.repeat(100_000), 1, 2, 1)
  assert.equal(byBytes.get('y'.repeat(100_000), 1), undefined)
})

test('what is in use stays, what is not goes', () => {
  const cache = new TokenCache<string>({ maxEntries: 10, maxBytes: 1e9 })
  cache.set('busy', 'kept', 2, 1)
  for (let index = 0; index < 1_000; index += 1) {
    assert.equal(cache.get('busy', 1), 'kept')
    cache.set(`passing-${index}`, 'x', 2, 1)
  }
})

test('expired entries make room before living ones', () => {
  const cache = new TokenCache<string>({ maxEntries: 3, maxBytes: 1e9 })
  cache.set('short', 'x', 10, 1)
  cache.set('long', 'kept', 100, 1)
  cache.set('longer', 'kept', 100, 1)
  cache.get('short', 5)
  cache.get('long', 5)
  cache.get('longer', 5)
  cache.set('new', 'x', 100, 20)
  assert.equal(cache.get('long', 20), 'kept')
  assert.equal(cache.get('longer', 20), 'kept')
})
