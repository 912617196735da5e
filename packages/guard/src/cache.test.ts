import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CachedToken, TokenCache } from './cache.ts'
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

/** An entry that can be told from others. */
function entry(sub: string): CachedToken {
  const claims = { iss: 'i', sub, aud: 'a', exp: 1 }
  const subject = { sub, issuer: 'i', permissions: [], scope: [], claims }
  return { subject, origin: { retired: false }, ring: undefined }
}

const found = (cache: TokenCache, token: string, now: number) => cache.get(token, now)?.subject.sub

test('the cache holds no more entries and no more bytes than it may', () => {
  const byCount = new TokenCache({ maxEntries: 100, maxBytes: 1e9 })
  const byBytes = new TokenCache({ maxEntries: 1e9, maxBytes: 100_000 })
  for (let index = 0; index < 10_000; index += 1) {
    const token = `${index}`.padStart(800, 'x')
    byCount.set(token, entry(String(index)), 2, 1)
    byBytes.set(token, entry(String(index)), 2, 1)
    assert.ok(byCount.size <= 100)
    assert.ok(byBytes.bytes <= 100_000)
    assert.equal(found(byBytes, token, 1), String(index))
  }
  assert.equal(byCount.size, 100)
  byBytes.set('y'.repeat(100_000), entry('y'), 2, 1)
  assert.equal(found(byBytes, 'y'.repeat(100_000), 1), undefined)
})

test('what is in use stays, what is not goes', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  cache.set('busy', entry('kept'), 2, 1)
  for (let index = 0; index < 1_000; index += 1) {
    assert.equal(found(cache, 'busy', 1), 'kept')
    cache.set(`passing-${index}`, entry('x'), 2, 1)
  }
})

test('tokens that end alike are told apart, to the first character', () => {
  const cache = new TokenCache({ maxEntries: 10, maxBytes: 1e9 })
  const signature = 's'.repeat(342)
  cache.set(`a.claims.${signature}`, entry('a'), 2, 1)
  assert.equal(found(cache, `b.claims.${signature}`, 1), undefined)
  cache.set(`b.claims.${signature}`, entry('b'), 2, 1)
  assert.equal(found(cache, `a.claims.${signature}`, 1), undefined)
  assert.equal(found(cache, `b.claims.${signature}`, 1), 'b')
  assert.equal(found(cache, signature, 1), undefined)
  assert.equal(cache.size, 1)
})

test('expired entries make room before living ones', () => {
  const cache = new TokenCache({ maxEntries: 3, maxBytes: 1e9 })
  cache.set('short', entry('x'), 10, 1)
  cache.set('long', entry('kept'), 100, 1)
  cache.set('longer', entry('kept'), 100, 1)
  found(cache, 'short', 5)
  found(cache, 'long', 5)
  found(cache, 'longer', 5)
  cache.set('new', entry('x'), 100, 20_000)
  assert.equal(found(cache, 'long', 20_000), 'kept')
  assert.equal(found(cache, 'longer', 20_000), 'kept')
})
