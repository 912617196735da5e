import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openCache } from './cache.ts'
import { recordChange } from './changes.ts'
import { stores } from './testing.ts'
import { transaction } from './transaction.ts'

for (const { name, open } of stores) {
  describe(`the cache of ${name}`, () => {
    async function setUp(t: Parameters<typeof open>[0]) {
      const store = await open(t)
      const cache = await openCache(store, Date.now, (error) => assert.fail(String(error)))
      let loads = 0
      const load = async () => ++loads
      const change = () => transaction({ store, clock: Date.now }, (tx) => recordChange(tx, 'api', 'one'))
      return { store, cache, load, change }
    }

    test('loads a value once, until a change is recorded; the writer then reads the new value at once', async (t) => {
      const { cache, load, change } = await setUp(t)
      assert.equal(await cache.get('key', load), 1)
      assert.equal(await cache.get('key', load), 1)
      await change()
      assert.equal(await cache.get('key', load), 2)
      await cache.stop()
    })

    test('keeps its values after a transaction that records no change or is rolled back', async (t) => {
      const { store, cache, load } = await setUp(t)
      await cache.get('key', load)
      await store.transaction(async () => {})
      const failing = store.transaction(async (db) => {
        await recordChange({ db, now: Date.now() }, 'api', 'one')
        throw new Error('no')
      })
      await assert.rejects(failing, /no/)
      assert.equal(await cache.get('key', load), 1)
      await cache.stop()
    })

    test('does not keep a value whose load began before a change and ended after it', async (t) => {
      const { cache, change } = await setUp(t)
      const { promise, resolve } = Promise.withResolvers<string>()
      const slow = cache.get('key', () => promise)
      await change()
      resolve('old')
      assert.equal(await slow, 'old')
      assert.equal(await cache.get('key', async () => 'new'), 'new')
      await cache.stop()
    })

    test('does not keep undefined', async (t) => {
      const { cache } = await setUp(t)
      assert.equal(await cache.get('key', async () => undefined), undefined)
      assert.equal(await cache.get('key', async () => 'now'), 'now')
      await cache.stop()
    })
  })
}
