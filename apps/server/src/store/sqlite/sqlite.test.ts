import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import { isUniqueViolation } from '../constraints.ts'
import { StoreError } from '../errors.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'
import { temporaryFolder } from '../testing.ts'
import { toJson } from '../values.ts'

async function open(t: TestContext) {
  const file = join(await temporaryFolder(t), 'rolecall.db')
  const store = await openStore({ file })
  t.after(() => store.close())
  return { file, store }
}

function add(store: Pick<Store, 'db'> | Store['db'], id: string) {
  const db = 'db' in store ? store.db : store
  return db
    .insertInto('settings')
    .values({ id, data: toJson(null), updated_at: 0 })
    .execute()
}

async function ids({ db }: Store): Promise<string[]> {
  const rows = await db.selectFrom('settings').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

/** Counts the COMMITs in a write-ahead log by its frames' headers: https://sqlite.org/fileformat2.html#walformat */
function commitsIn(file: string): number {
  const wal = readFileSync(`${file}-wal`)
  const frame = 24 + wal.readUInt32BE(8)
  const salt = wal.subarray(16, 24)
  let commits = 0
  for (let at = 32; at + frame <= wal.length && salt.equals(wal.subarray(at + 8, at + 16)); at += frame) {
    if (wal.readUInt32BE(at + 4) > 0) commits++
  }
  return commits
}

test('transactions that arrive together reach the disk together', async (t) => {
  const { file, store } = await open(t)
  const before = commitsIn(file)
  const singles = Array.from({ length: 100 }, (_, i) => add(store, `single ${i}`))
  const transactions = Array.from({ length: 100 }, (_, i) =>
    store.transaction((tx) => add(tx, `together ${i}`)),
  )
  await Promise.all([...singles, ...transactions])
  assert.equal((await ids(store)).length, 200)
  const commits = commitsIn(file) - before
  assert.ok(commits <= 4, `200 transactions took ${commits} commits`)
})

test('a transaction is acknowledged after its COMMIT, alone when it comes alone', async (t) => {
  const { file, store } = await open(t)
  for (const id of ['a', 'b', 'c']) {
    const before = commitsIn(file)
    await store.transaction((tx) => add(tx, id))
    assert.equal(commitsIn(file) - before, 1)
  }
})

test('a transaction that fails takes none of its group with it', async (t) => {
  const { store } = await open(t)
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) =>
      store.transaction(async (tx) => {
        await add(tx, `row ${String(i).padStart(2, '0')}`)
        if (i % 3 === 0) throw new Error('on purpose')
        if (i % 3 === 1) await add(tx, 'twice')
      }),
    ),
  )
  const kept = results.flatMap(({ status }, i) =>
    status === 'fulfilled' ? `row ${String(i).padStart(2, '0')}` : [],
  )
  assert.equal(kept.length, 11)
  assert.ok(results.some((result) => result.status === 'rejected' && isUniqueViolation(result.reason)))
  assert.deepEqual(await ids(store), [...kept, 'twice'])
})

test('when the COMMIT fails every transaction of the group fails, and the next one works', async (t) => {
  const { store } = await open(t)
  await sql`create table orphans (parent text references settings (id) deferrable initially deferred)`.execute(
    store.db,
  )
  const orphan = store.transaction((tx) => sql`insert into orphans values ('nobody')`.execute(tx))
  const results = await Promise.allSettled([orphan, add(store, 'a'), store.transaction((tx) => add(tx, 'b'))])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.deepEqual(await ids(store), [])
  await add(store, 'c')
  assert.deepEqual(await ids(store), ['c'])
})

test('when BEGIN fails the transaction fails with its reason, and the next one works', async (t) => {
  const { file, store } = await open(t)
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  await assert.rejects(
    store.transaction((tx) => add(tx, 'a')),
    /database is locked/,
  )
  other.close()
  await add(store, 'c')
  assert.deepEqual(await ids(store), ['c'])
})

test('a transaction that takes too long is rolled back, and the others continue', async (t) => {
  const { store } = await open(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const slow = store.transaction(async (tx) => {
    await add(tx, 'slow')
    t.mock.timers.tick(10_000)
    await add(tx, 'slower')
  })
  const other = add(store, 'other')
  await assert.rejects(slow, /took longer than 10000 ms/)
  await other
  assert.deepEqual(await ids(store), ['other'])
})

test('when the writing thread dies every write fails, then reads too, and closing works', async (t) => {
  const { promise: started, resolve } = Promise.withResolvers<Worker>()
  process.once('worker', resolve)
  const { file, store } = await open(t)
  const writer = await started
  const interrupted = store.transaction(async (tx) => {
    await add(tx, 'a')
    await writer.terminate()
    await add(tx, 'b')
  })
  const results = await Promise.allSettled([
    interrupted,
    add(store, 'c'),
    store.transaction((tx) => add(tx, 'd')),
  ])
  for (const result of results) {
    assert.ok(result.status === 'rejected' && result.reason instanceof StoreError)
    assert.match(result.reason.message, /restart the server/)
  }
  await assert.rejects(ids(store), StoreError)
  await store.close()

  const again = await openStore({ file })
  t.after(() => again.close())
  assert.deepEqual(await ids(again), [])
})

test('closing waits for the writes under way', async (t) => {
  const { file, store } = await open(t)
  const writes = Array.from({ length: 20 }, (_, i) => add(store, `row ${i}`))
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([...writes, store.close()])
  const again = await openStore({ file })
  t.after(() => again.close())
  assert.equal((await ids(again)).length, 20)
})

test('a second server on the same file is refused, until the first has closed', async (t) => {
  const { file, store } = await open(t)
  await assert.rejects(openStore({ file }), (error) => {
    assert.ok(error instanceof StoreError)
    assert.match(error.message, /Another server is using .*rolecall\.db; stop it first/)
    return true
  })
  await add(store, 'still works')
  await store.close()
  const next = await openStore({ file })
  await next.close()
})

test('a place that cannot be written is refused with what to do', async (t) => {
  const folder = await temporaryFolder(t)
  writeFileSync(join(folder, 'plain'), '')
  mkdirSync(join(folder, 'store.db'))
  for (const file of [join(folder, 'plain', 'store.db'), join(folder, 'store.db')]) {
    await assert.rejects(openStore({ file }), (error) => {
      assert.ok(error instanceof StoreError)
      assert.match(error.message, /cannot be opened .*make its folder writable/)
      return true
    })
  }
})

test('a file that is no store is refused and left alone', async (t) => {
  const file = join(await temporaryFolder(t), 'letter.txt')
  writeFileSync(file, 'Dear reader, '.repeat(100))
  await assert.rejects(
    openStore({ file }),
    (error) => error instanceof StoreError && /is not a Rolecall store/.test(error.message),
  )
  assert.equal(readFileSync(file, 'utf8'), 'Dear reader, '.repeat(100))
})

test('only its owner can read the store', async (t) => {
  const { file, store } = await open(t)
  await add(store, 'a')
  for (const suffix of ['', '-wal', '-shm']) assert.equal(statSync(file + suffix).mode & 0o077, 0, suffix)
})
