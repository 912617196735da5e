import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openMemory } from './cache.ts'
import { recordChange } from './changes.ts'
import { stores } from './testing.ts'
import { transaction } from './transaction.ts'

for (const { name, open } of stores) {
  describe(`What is remembered of ${name}`, () => {
    async function setUp(t: Parameters<typeof open>[0]) {
      const store = await open(t)
      const memory = await openMemory(store, Date.now, (error) => assert.fail(String(error)))
      let loads = 0
      const load = async () => ++loads
      const change = () => transaction({ store, clock: Date.now }, (tx) => recordChange(tx, 'api', 'one'))
      return { store, memory, load, change }
    }

    test('is read once, until a change is recorded; then its writer reads the new at once', async (t) => {
      const { memory, load, change } = await setUp(t)
      assert.equal(await memory.recall('key', load), 1)
      assert.equal(await memory.recall('key', load), 1)
      await change()
      assert.equal(await memory.recall('key', load), 2)
      await memory.stop()
    })

    test('stays through a transaction that records nothing, or is rolled back', async (t) => {
      const { store, memory, load } = await setUp(t)
      await memory.recall('key', load)
      await store.transaction(async () => {})
      const failing = store.transaction(async (db) => {
        await recordChange({ db, now: Date.now() }, 'api', 'one')
        throw new Error('no')
      })
      await assert.rejects(failing, /no/)
      assert.equal(await memory.recall('key', load), 1)
      await memory.stop()
    })

    test('is not what was read before a change and arrived after it', async (t) => {
      const { memory, change } = await setUp(t)
      const { promise, resolve } = Promise.withResolvers<string>()
      const slow = memory.recall('key', () => promise)
      await change()
      resolve('old')
      assert.equal(await slow, 'old')
      assert.equal(await memory.recall('key', async () => 'new'), 'new')
      await memory.stop()
    })

    test('does not hold what was not there', async (t) => {
      const { memory } = await setUp(t)
      assert.equal(await memory.recall('key', async () => undefined), undefined)
      assert.equal(await memory.recall('key', async () => 'now'), 'now')
      await memory.stop()
    })
  })
}
