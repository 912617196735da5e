import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type Change, recordChange, watchChanges } from './changes.ts'
import { openStore } from './open-store.ts'
import { stores, temporaryDatabase } from './testing.ts'
import { transaction } from './transaction.ts'

const MINUTE = 60_000

async function watch(t: TestContext, open: (typeof stores)[number]['open']) {
  const store = await open(t)
  const heard: (Change | 'flush' | 'failed')[] = []
  const time = { now: 1_000_000 }
  const listener = {
    changed: (change: Change) => heard.push(change),
    flush: () => heard.push('flush'),
    failed: () => heard.push('failed'),
  }
  const watcher = await watchChanges(store, () => time.now, listener, 3_600_000)
  t.after(() => watcher.stop())
  const write = (key: string) =>
    transaction({ store, clock: () => time.now }, (tx) => recordChange(tx, 'role', key))
  return { store, heard, time, watcher, write }
}

for (const { name, open } of stores) {
  describe(`changes on ${name}`, () => {
    test('a change is reported once, and only after watching has begun', async (t) => {
      const { heard, watcher, write, store, time } = await watch(t, open)
      await write('a')
      await watcher.poll()
      await watcher.poll()
      assert.deepEqual(heard, [{ topic: 'role', key: 'a' }])

      const later: Change[] = []
      const second = await watchChanges(
        store,
        () => time.now,
        { changed: (change) => later.push(change), flush: assert.fail, failed: assert.fail },
        3_600_000,
      )
      await write('b')
      await second.poll()
      await second.stop()
      assert.deepEqual(later, [{ topic: 'role', key: 'b' }])
    })

    test('a change of a failed transaction is not reported', async (t) => {
      const { heard, watcher, store, time } = await watch(t, open)
      const failing = store.transaction(async (db) => {
        await recordChange({ db, now: time.now }, 'role', 'a')
        throw new Error('not this time')
      })
      await assert.rejects(failing, /not this time/)
      await watcher.poll()
      assert.deepEqual(heard, [])
    })

    test('after a long silence everything is flushed, and old rows are dropped', async (t) => {
      const { heard, time, watcher, write, store } = await watch(t, open)
      await write('a')
      time.now += 20 * MINUTE
      await watcher.poll()
      assert.deepEqual(heard, ['flush'])
      assert.deepEqual(await store.db.selectFrom('changes').selectAll().execute(), [])
      await write('b')
      await watcher.poll()
      assert.deepEqual(heard, ['flush', { topic: 'role', key: 'b' }])
    })

    test('after the store could not be asked everything is flushed', async (t) => {
      const { heard, watcher, write, store } = await watch(t, open)
      await store.db.schema.alterTable('changes').renameTo('hidden').execute()
      await watcher.poll()
      await store.db.schema.alterTable('hidden').renameTo('changes').execute()
      await write('a')
      await watcher.poll()
      assert.deepEqual(heard, ['failed', 'flush'])
    })
  })
}

test('a change that commits after one with a higher number is reported too', async (t) => {
  const databaseUrl = await temporaryDatabase(t)
  const [here, elsewhere] = [await openStore({ databaseUrl }), await openStore({ databaseUrl })]
  const heard: string[] = []
  const watcher = await watchChanges(
    elsewhere,
    () => 1_000_000,
    { changed: ({ key }) => heard.push(key), flush: assert.fail, failed: assert.fail },
    3_600_000,
  )
  await here.transaction(async (db) => {
    await recordChange({ db, now: 1_000_000 }, 'role', 'slow')
    await recordChange({ db: elsewhere.db, now: 1_000_000 }, 'role', 'quick')
    await watcher.poll()
    assert.deepEqual(heard, ['quick'])
  })
  await watcher.poll()
  assert.deepEqual(heard, ['quick', 'slow'])
  await watcher.stop()
  await Promise.all([here.close(), elsewhere.close()])
})
